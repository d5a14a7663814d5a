import { ContextMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { FLOATING } from "@/components/ui/menu-class";
import type { MenuEntry } from "@/components/ui/menu-entry";
import { MenuItems } from "@/components/ui/menu-items";
import { cx } from "@/lib/class-names";

/** Right click, long press or the menu key on `children` (one element). Offer the same elsewhere too. */
export function ContextMenu({ items, children }: { items: readonly MenuEntry[]; children: ReactNode }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          collisionPadding={8}
          className={cx(FLOATING, "max-h-(--radix-context-menu-content-available-height) min-w-48 overflow-y-auto p-1")}
        >
          <MenuItems parts={Radix} items={items} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
