// Why a badge is held, or what is missing: the answer of /badges/<code>/explain as a list of facts.

import { h } from "./base.js";

const SHOWN_GRANTS = 5;

/** The facts about `badge` of `family`, one of `families`, as `explanation` tells them, in the language of `words`. */
export function certificate(words, families, family, badge, explanation) {
  const told = (condition) => met(words, families, condition);
  const facts = explanation.standing === "held" ? held(words, told, explanation) : missing(words, told, family, explanation);
  if (badge.holders) facts.push(rarity(words, badge));
  return h("dl", { class: "facts" }, facts.map(([name, value, good]) =>
    h("div", {}, h("dt", {}, name), h("dd", { class: good && "met" }, value))));
}

function held(words, told, { grants }) {
  const standing = grants.filter((grant) => !grant.revoked_at);
  if (standing.length > 1) return repeated(words, standing);
  const [{ achieved_at, source, certificate: found }] = standing;
  const facts = [[words.text("certificate.when"), day(words, achieved_at)]];
  if (found?.value !== null && found?.value !== undefined && found.threshold > 1) {
    facts.push([words.text("certificate.value"), words.text("certificate.needed", { value: found.value, n: found.threshold })]);
  }
  facts.push(...(found?.conditions ?? []).map(told));
  facts.push([words.text("certificate.how"), words.text(`certificate.${source}`)]);
  if (found?.rule_version) facts.push([words.text("certificate.rule"), words.number(found.rule_version)]);
  return facts;
}

function repeated(words, grants) {
  const newest = grants.slice(-SHOWN_GRANTS).reverse();
  return [[words.text("certificate.times"), words.number(grants.length)],
    ...newest.map(({ context, achieved_at }) => [season(words, context) ?? (context || words.text("certificate.when")), day(words, achieved_at)])];
}

function missing(words, told, family, { standing, conditions, grants }) {
  const facts = conditions.map((condition) =>
    condition.metric === family.family && Number.isInteger(condition.value)
      ? [words.text("certificate.so_far"), words.text("certificate.of", { value: condition.value, n: condition.wanted }), condition.passed]
      : told(condition));
  if (standing !== "not earned") facts.push([words.text("certificate.standing"), words.text(`certificate.${standing.replaceAll(" ", "_")}`)]);
  const revoked = grants.at(-1)?.revoked_at;
  if (revoked) facts.push([words.text("certificate.revoked_on"), day(words, revoked)]);
  return facts;
}

/**
 * What needs so many of what a family counts is told by its name, which is translated. Other conditions, such as
 * being below a number, have the words of the API.
 */
function met(words, families, { text, metric, value, wanted, passed }) {
  const counted = families.find((family) => family.family === metric);
  if (counted && Number.isInteger(value) && Number.isInteger(wanted) && passed === value >= wanted) {
    return [counted.name, words.text(passed ? "certificate.needed" : "certificate.of", { value, n: wanted }), passed];
  }
  return [text, words.text(passed ? "certificate.met" : "certificate.not_met"), passed];
}

/** The dates of a season, whose prize is won for "exp:week:2026-11-09". */
function season(words, context) {
  const [, period, starts] = context.match(/^\w+:(week|month):(\d{4}-\d\d-\d\d)$/) ?? [];
  if (!period) return null;
  if (period === "month") return words.day(starts, { month: "long", year: "numeric" });
  return words.days(starts, new Date(Date.parse(starts) + 6 * 86_400_000));
}

function rarity(words, { holders, share_active }) {
  const share = share_active === null ? "" : ` (${words.number(share_active, { style: "percent", maximumFractionDigits: share_active < 0.1 ? 1 : 0 })})`;
  return [words.text("certificate.holders"), words.text("certificate.people", { n: holders }) + share];
}

function day(words, instant) {
  return instant ? words.date(instant, { dateStyle: "medium", timeStyle: "short" }) : words.text("certificate.unknown");
}
