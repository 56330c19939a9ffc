// Planes that answer: the nearest grid point under the pointer, and limits that can be switched off.
for (const figure of document.querySelectorAll("figure.plane")) {
  const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const svg = figure.querySelector("svg"), output = figure.querySelector("output");
  const [left, top, width, height] = data.box;
  const nx = data.x.length, ny = data.y.length;
  const on = new Set(data.limits.keys());
  const draw = (name, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    svg.append(node);
    return node;
  };
  const cells = draw("path", { class: "cells" }), cross = draw("path", { class: "cross" });
  const digits = v => v === null ? "–" : v !== 0 && (Math.abs(v) < 1e-2 || Math.abs(v) >= 1e4) ? v.toExponential(1) : String(+v.toPrecision(3));
  const excluders = (i, j) => [...on].filter(n => data.limits[n].grid[i][j] > 1);
  const place = (j, i) => [left + width * j / (nx - 1), top + height * (1 - i / (ny - 1))];

  const paint = () => {
    let path = "";
    for (let i = 0; i < ny; i++) for (let j = 0; j < nx; j++) {
      if (data.delta[i][j] === null || data.delta[i][j] > data.preferred || excluders(i, j).length) continue;
      const [x0, y0] = place(Math.max(j - 0.5, 0), Math.min(i + 0.5, ny - 1));
      const [x1, y1] = place(Math.min(j + 0.5, nx - 1), Math.max(i - 0.5, 0));
      path += `M${x0} ${y0}H${x1}V${y1}H${x0}Z`;
    }
    cells.setAttribute("d", path);
  };
  const tell = (i, j) => {
    const [x, y] = place(j, i);
    cross.setAttribute("d", `M${left} ${y}H${left + width}M${x} ${top}V${top + height}`);
    const row = n => `<li${data.limits[n].grid[i][j] > 1 ? " class='warning'" : ""}>${data.limits[n].label}: <b>${digits(data.limits[n].grid[i][j])}</b></li>`;
    const order = [...on].sort((a, b) => data.limits[b].grid[i][j] - data.limits[a].grid[i][j]).slice(0, 6);
    const omega = data.omega.length ? `, Ω h² = <b>${digits(data.omega[i][j])}</b>` : "";
    output.innerHTML = `<p>${data.names[0]} = <b>${digits(data.x[j])}</b>${data.units[0]}, ${data.names[1]} = <b>${digits(data.y[i])}</b>${data.units[1]}: ` +
      `Δ(−2 ln L) = <b>${digits(data.delta[i][j])}</b>${omega}</p><p>Predicted over allowed, largest first:</p><ul>${order.map(row).join("")}</ul>`;
  };
  let at = data.start;
  const move = event => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const u = (point.x - left) / width, v = 1 - (point.y - top) / height;
    if (u < 0 || u > 1 || v < 0 || v > 1) return;
    tell(...(at = [Math.round(v * (ny - 1)), Math.round(u * (nx - 1))]));
  };
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] };
  svg.addEventListener("pointermove", move);
  svg.addEventListener("pointerdown", move);
  svg.addEventListener("keydown", event => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    at = [Math.min(Math.max(at[0] + step[0], 0), ny - 1), Math.min(Math.max(at[1] + step[1], 0), nx - 1)];
    tell(...at);
  });
  for (const box of figure.querySelectorAll("input[type='checkbox']")) box.addEventListener("change", () => {
    const n = Number(box.value);
    box.checked ? on.add(n) : on.delete(n);
    for (const layer of svg.querySelectorAll(`[id$='-limit-${n}'], [id$='-limit-${n}-edge']`)) layer.style.display = box.checked ? "" : "none";
    paint();
    tell(...at);
  });
  for (const drawn of svg.querySelectorAll("[id$='-allowed'], [id$='-best']")) drawn.style.display = "none";
  svg.setAttribute("tabindex", "0");
  figure.querySelector(".switches").hidden = false;
  paint();
  tell(...at);
}
