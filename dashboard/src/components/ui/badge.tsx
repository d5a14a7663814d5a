import type { ReactNode } from "react";
import { cx } from "@/lib/class-names";

export type BadgeTone = "neutral" | "accent" | "danger" | "warning" | "success" | "info" | "note";

const TONES: Record<BadgeTone, string> = {
  neutral: "bg-sunken text-muted",
  accent: "bg-accent-soft text-accent-ink",
  danger: "bg-danger-soft text-danger",
  warning: "bg-warning-soft text-warning",
  success: "bg-success-soft text-success",
  info: "bg-info-soft text-info",
  note: "bg-note text-note-ink",
};
const BASE = "inline-flex h-5 max-w-full shrink-0 items-center gap-1 rounded-full px-2 text-xs font-medium whitespace-nowrap [&_svg]:size-3";

export function Badge({ tone = "neutral", className, children }: { tone?: BadgeTone; className?: string; children: ReactNode }) {
  return <span className={cx(BASE, TONES[tone], className)}>{children}</span>;
}

/** How many are waiting: filled, so that it is seen first. Nothing at 0. */
export function CountBadge({ count, label }: { count: number; label?: string }) {
  if (count <= 0) return null;
  return (
    <span className="inline-flex h-4.5 min-w-4.5 shrink-0 items-center justify-center rounded-full bg-accent px-1 text-xs font-semibold text-on-accent">
      <span aria-hidden={label !== undefined}>{count > 99 ? "99+" : count}</span>
      {label && <span className="sr-only">{label}</span>}
    </span>
  );
}

const LABELS: Record<string, string> = {
  slate: "bg-label-slate text-label-slate-ink",
  red: "bg-label-red text-label-red-ink",
  orange: "bg-label-orange text-label-orange-ink",
  amber: "bg-label-amber text-label-amber-ink",
  green: "bg-label-green text-label-green-ink",
  teal: "bg-label-teal text-label-teal-ink",
  blue: "bg-label-blue text-label-blue-ink",
  violet: "bg-label-violet text-label-violet-ink",
  pink: "bg-label-pink text-label-pink-ink",
};
export const LABEL_COLORS = Object.keys(LABELS);

/** A conversation's label in its colour. */
export function LabelBadge({ name, color, className, children }: { name: string; color: string; className?: string; children?: ReactNode }) {
  return (
    <span className={cx(BASE, LABELS[color] ?? LABELS["slate"], className)}>
      <span className="truncate">{name}</span>
      {children}
    </span>
  );
}
