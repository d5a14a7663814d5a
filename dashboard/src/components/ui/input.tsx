import type { ComponentProps } from "react";
import { CONTROL } from "@/components/ui/control-class";
import { cx } from "@/lib/class-names";

export function Input({ className, type = "text", ...rest }: ComponentProps<"input">) {
  return <input {...rest} type={type} className={cx(CONTROL, "h-8 px-2.5", className)} />;
}
