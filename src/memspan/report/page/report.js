const data = JSON.parse(document.getElementById("data").textContent);
const figures = new Map(data.figures.map((figure) => [figure.key, { ...figure, at: 0, step: 1 }]));
let shown = data.recipes;

const element = (id) => document.getElementById(id);

async function draw(figure) {
  const { spec, finding } = figure.views[figure.at];
  const home = element(`${figure.key}-drawing`);
  figure.view?.finalize();
  // Expressions are read, not compiled: the page allows no code but what it was made with.
  const options = { renderer: "svg", actions: false, ast: true, tooltip: { theme: "custom", disableDefaultStyle: true } };
  const result = await window.vegaEmbed(home, spec, options);
  figure.view = result.view;
  element(`${figure.key}-finding`).textContent = figure.steps.length ? figure.steps[figure.step - 1] : finding;
  await pick(figure);
}

async function pick(figure) {
  if (figure.view && figure.picks) await figure.view.signal("shown", shown).runAsync();
}

async function move(figure, step) {
  figure.step = Math.min(Math.max(step, 1), figure.steps.length);
  element(`${figure.key}-finding`).textContent = figure.steps[figure.step - 1];
  document.querySelector(`input[data-steps="${figure.key}"]`).value = figure.step;
  await figure.view?.signal("step", figure.step).runAsync();
}

function save(figure) {
  figure.view.toSVG().then((svg) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    link.download = `${figure.key}.svg`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

function theme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  element("theme").setAttribute("aria-pressed", String(dark));
}

const boxes = [...document.querySelectorAll("#recipes input")];
function choose() {
  shown = boxes.filter((box) => box.checked).map((box) => data.recipes[Number(box.value)]);
  figures.forEach(pick);
}

for (const box of boxes) box.addEventListener("change", choose);
for (const [id, on] of [["all", true], ["none", false]]) {
  element(id)?.addEventListener("click", () => {
    for (const box of boxes) box.checked = on;
    choose();
  });
}
for (const select of document.querySelectorAll("select[data-views]")) {
  select.addEventListener("change", () => {
    const figure = figures.get(select.dataset.views);
    figure.at = Number(select.value);
    draw(figure);
  });
}
for (const part of document.querySelectorAll("[data-steps]")) {
  const figure = figures.get(part.dataset.steps);
  if (part.dataset.move) part.addEventListener("click", () => move(figure, figure.step + Number(part.dataset.move)));
  else part.addEventListener("input", () => move(figure, Number(part.value)));
}
for (const button of document.querySelectorAll("[data-save]")) {
  button.addEventListener("click", () => save(figures.get(button.dataset.save)));
}
const dark = matchMedia("(prefers-color-scheme: dark)");
element("theme").setAttribute("aria-pressed", String(dark.matches));
element("theme").addEventListener("click", () => theme(element("theme").getAttribute("aria-pressed") !== "true"));
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));

await Promise.all([...figures.values()].map(draw));
document.documentElement.dataset.ready = "true";
