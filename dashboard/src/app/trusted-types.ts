/**
 * The page's policy lets no text become markup. One library sets a style element's text by
 * innerHTML, in whose content there is no markup: that text, and no other, passes.
 * https://developer.mozilla.org/docs/Web/API/Trusted_Types_API
 */
const STYLE_OF_SELECT =
  /^\[data-radix-(select|scroll-area)-viewport\]\{scrollbar-width:none;-ms-overflow-style:none;-webkit-overflow-scrolling:touch;\}\[data-radix-(select|scroll-area)-viewport\]::-webkit-scrollbar\{display:none\}$/;

interface TrustedTypes {
  createPolicy: (name: string, rules: { createHTML: (text: string) => string }) => unknown;
}

export function startTrustedTypes(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy("default", {
    createHTML: (text) => {
      if (text !== "" && !STYLE_OF_SELECT.test(text)) throw new TypeError("text must not become markup");
      return text;
    },
  });
}
