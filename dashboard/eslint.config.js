import { readdirSync } from "node:fs";
import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import globals from "globals";
import ts from "typescript-eslint";

/**
 * What other features may import of a feature: a component that is put into another's page, or a
 * function that is called from there. Everything else of a feature is its own.
 */
const PUBLIC = [
  "campaigns/funnel",
  "campaigns/message-fields",
  "campaigns/variables",
  "command-bar/command-bar",
  "composer/composer",
  "composer/outgoing",
  "composer/schedule",
  "composer/schedule-button",
  "composer/variables",
  "contact-pane/contact-card",
  "contact-pane/contact-pane",
  "contact-pane/country",
  "conversation-list/answer-switch",
  "conversation-list/channel-icon",
  "conversation-list/conversation-actions",
  "conversation-list/conversation-cache",
  "conversation-list/conversation-list",
  "conversation-list/conversation-menu",
  "conversation-list/filter-names",
  "conversation-list/filters",
  "conversation-list/labels-editor",
  "conversation-list/use-conversation-change",
  "conversation-list/use-conversations",
  "conversation-list/use-list-filters",
  "conversation-list/use-live-conversations",
  "follow-ups/asking",
  "follow-ups/follow-up",
  "follow-ups/follow-up-list",
  "follow-ups/use-follow-ups",
  "inbox/background",
  "media/attachment",
  "media/box",
  "media/gallery",
  "media/lightbox",
  "media/lightbox-context",
  "media/previews",
  "new-conversation/new-conversation",
  "new-conversation/opening",
  "notifications/notification-settings",
  "notifications/use-notifications",
  "notifications/use-unread-sign",
  "session/password-input",
  "session/password-rules",
  "settings/assistants/use-assistants",
  "settings/parts/confirm",
  "settings/parts/form-parts",
  "settings/parts/send-file",
  "settings/parts/use-form",
  "shortcuts/composer-mode",
  "shortcuts/shortcut-sheet",
  "templates/later-template-dialog",
  "templates/no-templates",
  "templates/refusals",
  "templates/template-choice",
  "templates/template-form",
  "templates/template-preview",
  "templates/template-text",
  "templates/use-templates",
  "thread/outbox",
  "thread/reply-to",
  "thread/thread-pane",
  "uploads/file-types",
  "uploads/limits",
  "uploads/upload-store",
  "uploads/uploads",
];

const features = readdirSync(new URL("src/features", import.meta.url));

/** app -> features -> components | lib | api, and no feature reaches into another. */
function boundary(files, regex, message) {
  return {
    files,
    rules: { "no-restricted-imports": ["error", { patterns: [{ regex, message }, RELATIVE] }] },
  };
}
const RELATIVE = { regex: "^\\.", message: "Import by \"@/…\", so that a file can be found and moved." };

export default ts.config(
  { ignores: ["node_modules", "src/api/schema.ts"] },
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  a11y.flatConfigs.strict,
  hooks.configs.flat["recommended-latest"],
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "max-lines": ["error", { max: 400, skipComments: true }],
      "no-restricted-properties": [
        "error",
        { object: "window", property: "confirm", message: "Use AlertDialog." },
        { object: "window", property: "alert", message: "Use useToast()." },
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: "Text is shown as text: build elements from it.",
        },
        {
          selector: "Literal[value=/(^|\\s|:)-?(ml|mr|pl|pr|left|right|border-l|border-r|rounded-l|rounded-r)-(\\d|\\[|auto|px)|(^|\\s|:)text-(left|right)(\\s|$)/]",
          message: "Use logical classes (ms-, me-, ps-, pe-, start-, end-, text-start), which turn with the language.",
        },
      ],
      // Numbers in class names and addresses are what template strings are for.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Routers redirect and loaders stop by throwing what is not an Error.
      "@typescript-eslint/only-throw-error": ["error", { allow: [{ from: "package", name: "Redirect", package: "@tanstack/router-core" }] }],
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      // Cards that hold a control and its text in other elements than a <label>.
      "jsx-a11y/label-has-associated-control": ["error", { assert: "either", depth: 4, controlComponents: ["Radix.Root", "Checkbox", "Switch", "Input", "Select"] }],
      "jsx-a11y/label-has-for": "off",
    },
  },
  boundary(["src/{components,lib,api}/**"], "^@/(features|app)/", "components, lib and api know nothing above them."),
  ...features.map((name) =>
    boundary(
      [`src/features/${name}/**`],
      `^@/(app/|features/(?!${[`${name}/`, ...PUBLIC.map((file) => `${file}$`)].join("|")}))`,
      "A feature imports its own files, and of others only what PUBLIC of eslint.config.js lists.",
    ),
  ),
  { files: ["**/*.js"], ...ts.configs.disableTypeChecked },
  { files: ["src/test-setup.ts", "**/*.test.{ts,tsx}"], rules: { "@typescript-eslint/no-non-null-assertion": "off" } },
);
