import type { ComponentProps } from "react";
import { cx } from "@/lib/class-names";

export function Label({ className, htmlFor, children, ...rest }: ComponentProps<"label">) {
  return (
    <label {...rest} htmlFor={htmlFor} className={cx("text-sm font-medium text-ink", className)}>
      {children}
    </label>
  );
}
