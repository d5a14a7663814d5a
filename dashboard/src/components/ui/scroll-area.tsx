import type { ComponentProps } from "react";
import { cx } from "@/lib/class-names";

/** The browser's own scrolling, reachable by keyboard: give it an aria-label where nothing in it takes focus. */
export function ScrollArea({ className, ...rest }: ComponentProps<"div">) {
  return <div {...rest} className={cx("min-h-0 flex-1 overflow-y-auto overscroll-contain", className)} />;
}
