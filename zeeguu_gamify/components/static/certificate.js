// Why a badge is held, or what is missing: the answer of /badges/<code>/explain as a list of facts.

import { h } from "./base.js";

const SHOWN_GRANTS = 5;

/** The facts about `badge` of `family`, as `explanation` tells them, in the language of `words`. */
export function certificate(words, family, badge, explanation) {
  const facts = explanation.standing === "held" ? held(words, explanation) : missing(words, family, explanation);
  if (badge.holders) facts.push(rarity(words, badge));
  return h("dl", { class: "facts" }, facts.map(([name, value, good]) =>
    h("div", {}, h("dt", {}, name), h("dd", { class: good && "met" }, value))));
}

function held(words, { grants }) {
  const standing = grants.filter((grant) => !grant.revoked_at);
  if (standing.length > 1) return repeated(words, standing);
  const [{ achieved_at, source, certificate: found }] = standing;
  const facts = [[words.text("certificate.when"), day(words, achieved_at)]];
  if (found?.value !== null && found?.value !== undefined && found.threshold > 1) {
    facts.push([words.text("certificate.value"), words.text("certificate.needed", { value: found.value, n: found.threshold })]);
  }
  facts.push(...(found?.conditions ?? []).map((condition) => met(words, condition)));
  facts.push([words.text("certificate.how"), words.text(`certificate.${source}`)]);
  if (found?.rule_version) facts.push([words.text("certificate.rule"), words.number(found.rule_version)]);
  return facts;
}

function repeated(words, grants) {
  const newest = grants.slice(-SHOWN_GRANTS).reverse();
  return [[words.text("certificate.times"), words.number(grants.length)],
    ...newest.map(({ context, achieved_at }) => [context || words.text("certificate.when"), day(words, achieved_at)])];
}

function missing(words, family, { standing, conditions, grants }) {
  const facts = conditions.map((condition) =>
    condition.metric === family.family && Number.isInteger(condition.value)
      ? [words.text("certificate.so_far"), words.text("certificate.of", { value: condition.value, n: condition.wanted }), condition.passed]
      : met(words, condition));
  if (standing !== "not earned") facts.push([words.text("certificate.standing"), words.text(`certificate.${standing.replaceAll(" ", "_")}`)]);
  const revoked = grants.at(-1)?.revoked_at;
  if (revoked) facts.push([words.text("certificate.revoked_on"), day(words, revoked)]);
  return facts;
}

function met(words, { text, passed }) {
  return [text, words.text(passed ? "certificate.met" : "certificate.not_met"), passed];
}

function rarity(words, { holders, share_active }) {
  const share = share_active === null ? "" : ` (${words.number(share_active, { style: "percent", maximumFractionDigits: share_active < 0.1 ? 1 : 0 })})`;
  return [words.text("certificate.holders"), words.text("certificate.people", { n: holders }) + share];
}

function day(words, instant) {
  return instant ? words.date(instant, { dateStyle: "medium", timeStyle: "short" }) : words.text("certificate.unknown");
}
