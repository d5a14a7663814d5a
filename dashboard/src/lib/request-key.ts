/** Keys by which the server knows a request that is made again. */
import { useState } from "react";

/** The same body has the same key, so that a second attempt does nothing twice. */
export function requestKeys(): (body: unknown) => Record<"Idempotency-Key", string> {
  let known = { text: "", key: "" };
  return (body) => {
    const text = JSON.stringify(body);
    if (text !== known.text) known = { text, key: newKey() };
    return { "Idempotency-Key": known.key };
  };
}

/** For one form: what it sends is one request until it changes. */
export function useRequestKeys() {
  return useState(requestKeys)[0];
}

/** `crypto.randomUUID` is there on secure pages only. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
}
