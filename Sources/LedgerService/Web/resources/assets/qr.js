// The server draws QR codes as SVG; the page builds the same drawing element by element, so that no text ever becomes
// markup and no address of data is needed.

/** Draws a code into an <svg> element. Returns whether the text was such a drawing. */
export function drawCode(node, text) {
  const side = Number(/viewBox="0 0 (\d{1,4}) \1"/.exec(text)?.[1]);
  const path = /<path d="([Mmhvz0-9 -]+)"/.exec(text)?.[1];
  if (!side || !path) return false;
  node.setAttribute("viewBox", `0 0 ${side} ${side}`);
  const ground = document.createElementNS(node.namespaceURI, "rect");
  ground.setAttribute("width", side);
  ground.setAttribute("height", side);
  ground.setAttribute("fill", "#fff");
  const squares = document.createElementNS(node.namespaceURI, "path");
  squares.setAttribute("d", path);
  squares.setAttribute("fill", "#000");
  node.replaceChildren(ground, squares);
  return true;
}
