// Plain drawings of figures: bars as SVG, the figures themselves as a table beside them. Nothing is loaded for it.

import { t } from "./i18n.js";
import { make } from "./page.js";

// The page's own drawings know the namespace.
const space = document.querySelector("svg").namespaceURI;
let numbers = 0;

function shape(name, attributes, text = "") {
  const node = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text) node.textContent = text;
  return node;
}

const lineHeight = 34;

/** One line: its name above, the bar below, the figure at its end. `of` is what the bar is a part of. */
function bar({ label, value, of = 0, words }, index, { most, width }) {
  const y = index * lineHeight;
  const scale = (amount) => (most > 0 ? Math.max(amount > 0 ? 2 : 0, (Math.abs(amount) / most) * width) : 0);
  const group = shape("g", {});
  group.append(
    shape("text", { x: 0, y: y + 12, class: "label" }, label),
    shape("text", { x: width, y: y + 12, class: "value" }, words),
    shape("rect", { x: 0, y: y + 18, width: of > 0 ? scale(of) : width, height: 9, class: "track" }),
    shape("rect", { x: 0, y: y + 18, width: scale(value), height: 9, class: value < 0 ? "fin-bar owed" : "fin-bar" }),
  );
  return group;
}

function table(title, rows) {
  const details = make("details", "fin-figures");
  const node = make("table", "rows");
  node.append(make("caption", "visually-hidden", title));
  const body = make("tbody");
  for (const { label, words } of rows) {
    const row = make("tr");
    const name = make("th", "", label);
    name.scope = "row";
    row.append(name, make("td", "figures amount", words));
    body.append(row);
  }
  node.append(body);
  details.append(make("summary", "", t("fin_chart_figures")), node);
  return details;
}

/**
 * A figure of bars, one below the other: each {label, value, of?, words}, values in any unit that they share.
 * The drawing has the width of its place; it is drawn anew when that changes.
 */
export function bars(title, about, rows) {
  const figure = make("figure", "fin-chart");
  const id = `chart-${++numbers}`;
  const caption = make("figcaption");
  const heading = make("h3", "", title);
  heading.id = id;
  caption.append(heading, make("p", "hint", about));
  const drawing = shape("svg", { role: "img", "aria-labelledby": id, class: "fin-bars" });
  const most = Math.max(0, ...rows.flatMap(({ value, of = 0 }) => [Math.abs(value), of]));
  let drawn = 0;
  const draw = () => {
    const width = Math.round(figure.clientWidth) || 480;
    if (width === drawn) return;
    drawn = width;
    drawing.setAttribute("viewBox", `0 0 ${width} ${rows.length * lineHeight}`);
    drawing.replaceChildren(...rows.map((row, index) => bar(row, index, { most, width })));
  };
  draw();
  new ResizeObserver(draw).observe(figure);
  figure.append(caption, drawing, table(title, rows));
  return figure;
}
