"use strict";

const EVERY_MS = 250;
const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

function svg(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

function element(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// The plan's y points up the page, a picture's down.
const points = (outline) => outline.map(([x, y]) => `${x},${-y}`).join(" ");

function middle(outline) {
  const sum = outline.reduce(([a, b], [x, y]) => [a + x, b + y], [0, 0]);
  return sum.map((value) => value / outline.length);
}

const centred = { "text-anchor": "middle", "dominant-baseline": "middle" };

function drawPlan(plan) {
  const [left, bottom, right, top] = plan.bounds;
  const drawing = byId("plan");
  drawing.setAttribute("viewBox", `${left} ${-top} ${right - left} ${top - bottom}`);
  // Text is measured in metres here, so its size follows the store's.
  drawing.setAttribute("font-size", Math.max(right - left, top - bottom) / 26);
  for (const zone of plan.zones) drawing.append(svg("polygon", { points: points(zone.outline), class: zone.kind }));
  for (const gondola of plan.gondolas) drawing.append(svg("polygon", { points: points(gondola.outline), class: "gondola" }));
  for (const plate of plan.plates) drawing.append(svg("polygon", { points: points(plate.outline), class: "plate" }));
  const weighed = new Set(plan.plates.map((plate) => plate.gondola));
  for (const part of [...plan.zones, ...plan.gondolas]) {
    const [x, y] = middle(part.outline);
    // A gondola with plates shows their loads; its name stands behind it.
    const [behind, name] = weighed.has(part.id) ? [plan.depths[part.id] / 2 + 0.18, `${part.id}, grams`] : [0, part.id];
    drawing.append(svg("text", { x, y: -y - behind, class: "quiet", ...centred }, name));
  }
  for (const plate of plan.plates) {
    const [x, y] = middle(plate.outline);
    drawing.append(svg("text", { x, y: -y, id: `plate ${plate.id}`, "font-size": "0.6em", ...centred }));
  }
  drawing.append(svg("g", { id: "people" }));
}

function drawCameras(plan) {
  for (const camera of plan.cameras) {
    const figure = element("figure");
    const picture = element("img");
    picture.alt = `What camera ${camera.id} sees`;
    picture.dataset.camera = camera.id;
    picture.style.aspectRatio = `${camera.size[0]} / ${camera.size[1]}`;
    figure.append(picture, element("figcaption", "", `${camera.id} · ${camera.role}`));
    byId("cameras").append(figure);
  }
}

function drawPeople(people, names) {
  byId("people").replaceChildren(
    ...people.flatMap(({ x, y, visit }) => {
      const dot = svg("circle", { cx: x, cy: -y, r: 0.18, class: visit ? "person" : "stranger" });
      return names[visit] ? [dot, svg("text", { x, y: -y + 0.36, ...centred }, names[visit])] : [dot];
    }),
  );
}

function showPlates(plates) {
  for (const [plate, grams] of Object.entries(plates)) {
    const label = byId(`plate ${plate}`);
    // A plate's zero wanders by a few grams: nobody wants to read that.
    if (label) label.textContent = Math.abs(grams) < 40 ? 0 : Math.round(grams / 5) * 5;
  }
}

function money(minor, currency) {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

const STATES = {
  awaited: "comes in", open: "in the store", exited: "has left", capturing: "paying", settled: "receipt ✓", refused: "refused",
};

function cart(visit, plan) {
  const card = element("article", `visit ${visit.state}`);
  const title = element("h3", "", plan.accounts[visit.account] ?? visit.account ?? "unknown");
  title.append(element("span", "state", STATES[visit.state] ?? visit.state));
  card.append(title);
  const done = visit.state === "settled";
  if (!visit.lines.length) {
    const nothing = done ? "Nothing was taken, nothing is charged." : "The cart is empty.";
    card.append(element("p", "empty", visit.refused_reason ?? nothing));
    return card;
  }
  const table = element("table");
  let total = 0;
  for (const line of visit.lines) {
    const charged = line.decision === "charge";
    if (charged) total += line.amount_minor;
    const row = element("tr", charged ? "" : "doubt");
    const sure = `${Math.floor(line.p * 100)} % sure`;
    row.append(element("td", "", `${line.qty} × ${line.name ?? plan.products[line.sku] ?? line.sku ?? "unknown product"}`));
    row.append(element("td", "", charged ? money(line.amount_minor, plan.currency) : `${line.decision}, ${sure}`));
    table.append(row);
  }
  const sum = element("tr", "total");
  sum.append(element("td", "", done ? "charged" : "so far"), element("td", "", money(total, plan.currency)));
  table.append(sum);
  card.append(table);
  return card;
}

function showSaid(lines) {
  const items = lines.map(([at, what]) => {
    const item = element("li");
    item.append(element("time", "", at), what);
    return item;
  });
  byId("said").replaceChildren(...items.reverse());
}

function showPictures() {
  for (const picture of document.querySelectorAll("img[data-camera]")) {
    const next = new Image();
    next.onload = () => { picture.src = next.src; };
    next.src = `/cameras/${picture.dataset.camera}.jpg?${Date.now()}`;
  }
}

function statusOf(now) {
  if (!now.edge) return "The edge opens its cameras and networks …";
  const inside = now.visits.filter((visit) => visit.state === "open").length;
  const receipts = now.visits.filter((visit) => visit.state === "settled").length;
  const people = inside === 1 ? "1 shopper" : `${inside || "no"} shoppers`;
  const left = receipts === 1 ? "1 has a receipt" : `${receipts || "none"} ${receipts ? "have receipts" : "has a receipt yet"}`;
  const clock = `${Math.floor(now.edge.t_s / 60)}:${String(Math.floor(now.edge.t_s % 60)).padStart(2, "0")}`;
  return now.over ? `The show is over: ${left}` : `live · ${people} in the store, ${left} · ${clock} since it opened`;
}

async function look(plan) {
  const status = byId("status");
  try {
    const now = await (await fetch("/now.json")).json();
    const names = Object.fromEntries(now.visits.map((visit) => [visit.visit, plan.accounts[visit.account] ?? ""]));
    drawPeople(now.edge?.people ?? [], names);
    showPlates(now.edge?.plates ?? {});
    byId("visits").replaceChildren(...now.visits.map((visit) => cart(visit, plan)));
    showSaid(now.said);
    status.textContent = statusOf(now);
    status.className = now.edge && !now.over ? "live" : "";
    if (now.edge) showPictures();
  } catch {
    status.textContent = "The demo has ended.";
    status.className = "";
  }
  setTimeout(() => look(plan), EVERY_MS);
}

async function begin() {
  const plan = await (await fetch("/plan.json")).json();
  byId("name").textContent = plan.name;
  document.title = `${plan.name} · Tillfree`;
  drawPlan(plan);
  drawCameras(plan);
  look(plan);
}

begin();
