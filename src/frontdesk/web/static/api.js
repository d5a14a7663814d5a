// The API's description, made readable from /openapi.json.

import { make } from "./dom.js";
import { call } from "./http.js";
import { Schemas } from "./schema.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const find = (id) => document.getElementById(id);

function operationsOf(description) {
  return Object.entries(description.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({
      path, method, ...item[method], group: item[method].tags?.[0] ?? "other", id: `${method}${path.replace(/[^a-z0-9]+/giu, "-")}`,
    })));
}

function code(text) {
  return make("pre", { tabindex: "0" }, make("code", {}, text));
}

function copyable(text) {
  const button = make("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it"; // Browsers allow the clipboard on https and localhost only.
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return make("div", { class: "copy" }, code(text), button);
}

function parameters(operation, schemas) {
  const rows = (operation.parameters ?? []).filter((one) => one.in === "path" || one.in === "query").map((one) => make(
    "tr", {},
    make("th", { scope: "row" }, make("code", {}, one.name)),
    make("td", {}, `${one.in}${one.required ? ", required" : ""}`),
    make("td", {}, schemas.type(one.schema)),
    make("td", {}, one.description ?? ""),
  ));
  return rows.length ? [make("h4", {}, "Parameters"), make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Parameters" }, make("table", {}, make("tbody", {}, ...rows)))] : [];
}

function bodyOf(holder) {
  return Object.entries(holder?.content ?? {})[0] ?? [];
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function curl(operation, schemas) {
  const [type, body] = bodyOf(operation.requestBody);
  const method = operation.method === "get" ? "" : ` -X ${operation.method.toUpperCase()}`;
  const lines = [`curl${method} ${quoted(location.origin + operation.path)}`];
  if (operation.security?.length) lines.push(`-H "Authorization: Bearer $TOKEN"`);
  if (type) lines.push(`-H 'Content-Type: ${type}'`, `-d ${quoted(JSON.stringify(schemas.example(body.schema)))}`);
  return lines.join(" \\\n  ");
}

function drawOperation(operation, schemas) {
  const [, body] = bodyOf(operation.requestBody);
  const [status, success] = Object.entries(operation.responses ?? {}).find(([code]) => code.startsWith("2")) ?? [];
  const [, answer] = bodyOf(success);
  const node = make(
    "article",
    { class: "operation", id: operation.id },
    make("h3", {}, make("span", { class: "method", "data-method": operation.method }, operation.method.toUpperCase()), make("code", {}, operation.path), make("span", { class: "summary" }, operation.summary ?? "")),
    operation.description ? make("p", {}, operation.description) : null,
    ...parameters(operation, schemas),
    ...(body ? [make("h4", {}, "Request"), code(JSON.stringify(schemas.example(body.schema), null, 2))] : []),
    ...(answer && schemas.type(answer.schema) !== "any" ? [make("h4", {}, `Answer ${status}`), code(schemas.shape(answer.schema))] : []),
    make("h4", {}, "Try it"),
    copyable(curl(operation, schemas)),
  );
  node.dataset.words = [operation.method, operation.path, operation.summary, operation.description, operation.group].join(" ").toLowerCase();
  return node;
}

function draw(description) {
  const schemas = new Schemas(description);
  const operations = operationsOf(description);
  find("about").textContent = `${description.info.description ?? ""} Version ${description.info.version}.`;
  for (const group of new Set(operations.map((operation) => operation.group))) {
    const own = operations.filter((operation) => operation.group === group);
    const title = group[0].toUpperCase() + group.slice(1);
    find("operations").append(make("section", { "aria-label": title }, make("h2", { class: "group" }, title), ...own.map((operation) => drawOperation(operation, schemas))));
    find("contents").append(make("h2", {}, title), make("ul", {}, ...own.map((operation) => make("li", {}, make(
      "a", { href: `#${operation.id}` },
      make("span", { class: "method", "data-method": operation.method }, operation.method.toUpperCase()), make("span", {}, ...breakable(operation.path)),
    )))));
  }
}

/** A long path breaks before a slash, not within a word. */
function breakable(path) {
  return path.split(/(?=\/)/u).flatMap((part) => [make("wbr"), part]);
}

function filter() {
  const words = find("filter").value.toLowerCase().split(/\s+/u).filter(Boolean);
  let any = false;
  for (const node of document.querySelectorAll(".operation")) {
    node.hidden = !words.every((word) => node.dataset.words.includes(word));
    find("contents").querySelector(`a[href="#${CSS.escape(node.id)}"]`).parentNode.hidden = node.hidden;
    any ||= !node.hidden;
  }
  for (const section of document.querySelectorAll("#operations > section")) {
    section.hidden = !section.querySelector(".operation:not([hidden])");
  }
  find("nothing").hidden = any;
}

find("token").textContent = `export TOKEN=fd_…\ncurl '${location.origin}/api/v1/me' -H "Authorization: Bearer $TOKEN"`;
find("filter").addEventListener("input", filter);
try {
  draw(await call("/openapi.json"));
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
} catch (error) {
  find("problem").textContent = `The description could not be loaded: ${error.message}.`;
  find("problem").hidden = false;
} finally {
  find("operations").setAttribute("aria-busy", "false");
}
