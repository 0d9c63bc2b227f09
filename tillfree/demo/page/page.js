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

function drawPlan(plan) {
  const [left, bottom, right, top] = plan.bounds;
  const drawing = byId("plan");
  drawing.setAttribute("viewBox", `${left} ${-top} ${right - left} ${top - bottom}`);
  // Text is measured in metres here, so its size follows the store's.
  drawing.setAttribute("font-size", Math.max(right - left, top - bottom) / 30);
  for (const zone of plan.zones) drawing.append(svg("polygon", { points: points(zone.outline), class: zone.kind }));
  for (const gondola of plan.gondolas) drawing.append(svg("polygon", { points: points(gondola.outline), class: "gondola" }));
  for (const part of [...plan.zones, ...plan.gondolas]) {
    const [x, y] = middle(part.outline);
    drawing.append(svg("text", { x, y: -y, "text-anchor": "middle", "dominant-baseline": "middle" }, part.id));
  }
  drawing.append(svg("g", { id: "people" }));
}

function drawCameras(plan) {
  for (const camera of plan.cameras) {
    const figure = element("figure");
    const picture = element("img");
    picture.alt = `What camera ${camera.id} sees`;
    picture.dataset.camera = camera.id;
    figure.append(picture, element("figcaption", "", `${camera.id} · ${camera.role}`));
    byId("cameras").append(figure);
  }
}

function drawPeople(people) {
  byId("people").replaceChildren(
    ...people.map(({ x, y, visit }) =>
      svg("circle", { cx: x, cy: -y, r: 0.18, class: visit ? "person" : "stranger" }),
    ),
  );
}

function money(minor, currency) {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

const STATES = { awaited: "comes in", open: "in the store", exited: "has left", capturing: "paying", settled: "receipt", refused: "refused" };

function cart(visit, plan) {
  const card = element("article", `visit ${visit.state}`);
  const title = element("h3", "", visit.account ?? "unknown");
  title.append(element("span", "state", STATES[visit.state] ?? visit.state));
  card.append(title);
  if (!visit.lines.length) card.append(element("p", "empty", visit.refused_reason ?? "The cart is empty."));
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
  sum.append(element("td", "", "total"), element("td", "", money(total, plan.currency)));
  table.append(sum);
  card.append(table);
  return card;
}

function showPictures() {
  for (const picture of document.querySelectorAll("img[data-camera]")) {
    const next = new Image();
    next.onload = () => { picture.src = next.src; };
    next.src = `/cameras/${picture.dataset.camera}.jpg?${Date.now()}`;
  }
}

async function look(plan) {
  try {
    const now = await (await fetch("/now.json")).json();
    drawPeople(now.edge?.people ?? []);
    byId("visits").replaceChildren(...now.visits.map((visit) => cart(visit, plan)));
    byId("status").textContent = now.edge ? `${now.edge.t_s.toFixed(1)} s` : "the edge is not up yet";
    if (now.edge) showPictures();
  } catch {
    byId("status").textContent = "the demo has ended";
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
