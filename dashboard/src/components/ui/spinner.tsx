import { LoaderCircle } from "lucide-react";
import { cx } from "@/lib/class-names";

/** With a label it is told to people who do not see it; without, something beside it says so. */
export function Spinner({ className, label }: { className?: string; label?: string }) {
  return (
    <span role={label ? "status" : undefined} className={cx("inline-flex size-4", className)}>
      <LoaderCircle aria-hidden className="size-full animate-spin" />
      {label && <span className="sr-only">{label}</span>}
    </span>
  );
}
