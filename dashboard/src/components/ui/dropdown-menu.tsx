import { DropdownMenu as Radix } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { FLOATING } from "@/components/ui/menu-class";
import type { MenuEntry } from "@/components/ui/menu-entry";
import { MenuItems } from "@/components/ui/menu-items";
import { cx } from "@/lib/class-names";

export interface DropdownMenuProps {
  /** One element that takes a ref and props (a Button, an IconButton). */
  trigger: ReactNode;
  items: readonly MenuEntry[];
  side?: ComponentProps<typeof Radix.Content>["side"];
  align?: ComponentProps<typeof Radix.Content>["align"];
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  className?: string;
}

export function DropdownMenu({ trigger, items, side = "bottom", align = "end", open, onOpenChange, className }: DropdownMenuProps) {
  return (
    <Radix.Root
      modal={false}
      {...(open === undefined ? {} : { open })}
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
    >
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className={cx(FLOATING, "max-h-(--radix-dropdown-menu-content-available-height) min-w-48 overflow-y-auto p-1", className)}
        >
          <MenuItems parts={Radix} items={items} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
