import { cx } from "@/lib/class-names";

const FILLS: Record<string, string> = {
  slate: "bg-label-slate-ink",
  red: "bg-label-red-ink",
  orange: "bg-label-orange-ink",
  amber: "bg-label-amber-ink",
  green: "bg-label-green-ink",
  teal: "bg-label-teal-ink",
  blue: "bg-label-blue-ink",
  violet: "bg-label-violet-ink",
  pink: "bg-label-pink-ink",
};

/** A label where there is no room for its name. */
export function LabelDot({ color, className }: { color: string; className?: string }) {
  return <span aria-hidden className={cx("inline-block shrink-0 rounded-full", FILLS[color] ?? FILLS["slate"], className ?? "size-2")} />;
}
