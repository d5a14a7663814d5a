import { cx } from "@/lib/class-names";

/** How far something is, from 0 to 1; without a value: that it goes on. */
export function Progress({ value, label, className }: { value?: number | undefined; label: string; className?: string }) {
  const percent = value === undefined ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className={cx("h-1 w-full overflow-hidden rounded-full bg-sunken", className)}
    >
      <div
        className={cx("h-full rounded-full bg-accent transition-[width]", percent === undefined && "w-1/3 animate-pulse")}
        style={percent === undefined ? undefined : { width: `${percent}%` }}
      />
    </div>
  );
}
