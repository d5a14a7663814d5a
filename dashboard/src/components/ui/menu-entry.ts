/** What a dropdown or context menu is made from. */
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

export interface MenuItem {
  kind?: "item";
  label: string;
  icon?: LucideIcon;
  /** At the end of the line: a hint, a key, a count. */
  hint?: ReactNode;
  onSelect: () => void;
  danger?: boolean;
  disabled?: boolean;
  /** Shows a tick; makes the item one of a group to choose from. */
  checked?: boolean;
  /** Keeps the menu open, for choosing several. */
  keepOpen?: boolean;
}

export interface Submenu {
  kind: "submenu";
  label: string;
  icon?: LucideIcon;
  items: readonly MenuEntry[];
}

export type MenuEntry = MenuItem | Submenu | { kind: "separator" } | { kind: "label"; label: string } | { kind: "custom"; content: ReactNode };
