import type { ComponentProps } from "react";
import { Spinner } from "@/components/ui/spinner";
import { cx } from "@/lib/class-names";

export type ButtonVariant = "primary" | "secondary" | "ghost" | "danger" | "danger-ghost";
export type ButtonSize = "sm" | "md" | "lg";

export interface ButtonProps extends ComponentProps<"button"> {
  variant?: ButtonVariant;
  size?: ButtonSize;
  /** Shows a spinner and takes no clicks; the button keeps its width and its focus. */
  pending?: boolean;
}

const BASE =
  "relative inline-flex shrink-0 select-none items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed [&_svg]:shrink-0";

const VARIANTS: Record<ButtonVariant, string> = {
  primary: "bg-accent text-on-accent not-disabled:hover:bg-accent-hover",
  secondary: "border border-outline/60 bg-surface text-ink not-disabled:hover:bg-hover",
  ghost: "text-ink not-disabled:hover:bg-hover",
  danger: "bg-danger-fill text-on-danger not-disabled:hover:opacity-90",
  "danger-ghost": "text-danger not-disabled:hover:bg-danger-soft",
};

const SIZES: Record<ButtonSize, string> = {
  sm: "h-7 px-2.5 text-sm [&_svg]:size-3.5",
  md: "h-8 px-3 text-base [&_svg]:size-4",
  lg: "h-10 px-4 text-base [&_svg]:size-4.5",
};

/** The look of a button, for links that act like one. */
export function buttonClass(variant: ButtonVariant = "secondary", size: ButtonSize = "md"): string {
  return cx(BASE, VARIANTS[variant], SIZES[size]);
}

export function Button({
  variant = "secondary",
  size = "md",
  pending = false,
  type = "button",
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={cx(buttonClass(variant, size), className)}
      aria-disabled={pending || undefined}
      aria-busy={pending || undefined}
      onClick={(event) => {
        if (pending) event.preventDefault();
        else onClick?.(event);
      }}
    >
      <span className={cx("contents", pending && "*:invisible invisible")}>{children}</span>
      {pending && <Spinner className="absolute size-4" />}
    </button>
  );
}
