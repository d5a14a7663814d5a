import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import { Tooltip } from "@/components/ui/tooltip";
import { cx } from "@/lib/class-names";

export interface IconButtonProps extends Omit<ComponentProps<"button">, "children" | "aria-label"> {
  icon: LucideIcon;
  /** What it does: the accessible name and the tooltip. */
  label: string;
  size?: "sm" | "md" | "lg";
  variant?: "ghost" | "accent" | "danger";
  /** Keys of a shortcut, shown in the tooltip: "alt+e". */
  hotkey?: string;
  pressed?: boolean;
  tooltip?: boolean;
}

const SIZES = {
  sm: "size-6 [&_svg]:size-3.5",
  md: "size-8 [&_svg]:size-4",
  lg: "size-10 [&_svg]:size-5",
};
const VARIANTS = {
  ghost: "text-muted not-disabled:hover:bg-hover not-disabled:hover:text-ink aria-pressed:bg-accent-soft aria-pressed:text-accent-ink",
  accent: "bg-accent text-on-accent not-disabled:hover:bg-accent-hover",
  danger: "text-danger not-disabled:hover:bg-danger-soft",
};

export function IconButton({
  icon: Icon,
  label,
  size = "md",
  variant = "ghost",
  hotkey,
  pressed,
  tooltip = true,
  type = "button",
  className,
  ...rest
}: IconButtonProps) {
  const button = (
    <button
      {...rest}
      type={type}
      aria-label={label}
      aria-pressed={pressed}
      className={cx(
        "inline-flex shrink-0 items-center justify-center rounded-md transition-colors disabled:cursor-not-allowed disabled:opacity-45",
        SIZES[size],
        VARIANTS[variant],
        className,
      )}
    >
      <Icon aria-hidden />
    </button>
  );
  if (!tooltip) return button;
  return (
    <Tooltip label={label} {...(hotkey === undefined ? {} : { hotkey })}>
      {button}
    </Tooltip>
  );
}
