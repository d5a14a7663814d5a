import { Popover as Radix } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { FLOATING } from "@/components/ui/menu-class";
import { cx } from "@/lib/class-names";

export interface PopoverProps {
  /** One element that takes a ref and props (a Button, an IconButton). */
  trigger: ReactNode;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  side?: ComponentProps<typeof Radix.Content>["side"];
  align?: ComponentProps<typeof Radix.Content>["align"];
  className?: string;
  label?: string;
  children: ReactNode;
}

export function Popover({ trigger, open, onOpenChange, side = "bottom", align = "start", className, label, children }: PopoverProps) {
  return (
    <Radix.Root {...(open === undefined ? {} : { open })} {...(onOpenChange === undefined ? {} : { onOpenChange })}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          aria-label={label}
          className={cx(FLOATING, "max-h-(--radix-popover-content-available-height) max-w-[calc(100vw-1rem)] overflow-y-auto p-3", className)}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const PopoverClose = Radix.Close;
export const PopoverAnchor = Radix.Anchor;
