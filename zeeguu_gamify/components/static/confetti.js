// Confetti over a canvas, for some two seconds.

const COLORS = ["#f2762e", "#f5c04f", "#e0578b", "#8a63d2", "#4f8ef7", "#2fa56b"];
const PIECES = 150;
const SECONDS = 2.6;
const GRAVITY = 900;

/** Let it rain from the middle of `canvas`; answers a function that ends it. */
export function confetti(canvas) {
  const context = canvas.getContext("2d");
  const scale = Math.min(window.devicePixelRatio || 1, 2);
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * scale;
  canvas.height = height * scale;
  context.scale(scale, scale);
  const pieces = Array.from({ length: PIECES }, () => piece(width / 2, height * 0.42, height));
  let last = null;
  let age = 0;
  let frame = requestAnimationFrame(draw);

  function draw(now) {
    const passed = Math.min((now - (last ?? now)) / 1000, 0.05);
    last = now;
    age += passed;
    context.clearRect(0, 0, width, height);
    if (age >= SECONDS) return;
    context.globalAlpha = Math.min(1, (SECONDS - age) / 0.6);
    for (const one of pieces) fall(context, one, passed);
    frame = requestAnimationFrame(draw);
  }

  return () => {
    cancelAnimationFrame(frame);
    context.clearRect(0, 0, width, height);
  };
}

function piece(x, y, height) {
  const angle = Math.random() * 2 * Math.PI;
  const speed = (0.35 + Math.random() * 0.75) * Math.max(height, 500);
  return {
    x, y, dx: Math.cos(angle) * speed, dy: Math.sin(angle) * speed - height * 0.35,
    turn: Math.random() * 6, spin: (Math.random() - 0.5) * 14, size: 6 + Math.random() * 7,
    color: COLORS[Math.floor(Math.random() * COLORS.length)], round: Math.random() < 0.3,
  };
}

function fall(context, one, passed) {
  one.dx *= 1 - 1.6 * passed;
  one.dy += (GRAVITY - one.dy * 1.6) * passed;
  one.x += one.dx * passed;
  one.y += one.dy * passed;
  one.turn += one.spin * passed;
  context.save();
  context.translate(one.x, one.y);
  context.rotate(one.turn);
  context.scale(1, Math.cos(one.turn * 1.7));
  context.fillStyle = one.color;
  context.beginPath();
  if (one.round) context.arc(0, 0, one.size / 2, 0, 2 * Math.PI);
  else context.roundRect(-one.size / 2, -one.size / 4, one.size, one.size / 2, 1.5);
  context.fill();
  context.restore();
}
