import type { ComponentProps } from "react";
import { CONTROL } from "@/components/ui/control-class";
import { cx } from "@/lib/class-names";

/** Grows with its text, where the browser can, up to the max height of `className`. */
export function Textarea({ className, rows = 3, ...rest }: ComponentProps<"textarea">) {
  return (
    <textarea {...rest} rows={rows} className={cx(CONTROL, "field-sizing-content px-2.5 py-1.5", className)} />
  );
}
