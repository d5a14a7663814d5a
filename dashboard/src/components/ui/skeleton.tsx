import { cx } from "@/lib/class-names";

/** A place held for what is loading: give it the size of what will come. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx("block animate-pulse rounded-md bg-sunken", className)} />;
}
