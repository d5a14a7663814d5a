import { Check, ChevronRight } from "lucide-react";
import type { ContextMenu as ContextRadix, DropdownMenu as DropdownRadix } from "radix-ui";
import { FLOATING, MENU_ITEM, MENU_LABEL } from "@/components/ui/menu-class";
import type { MenuEntry, MenuItem } from "@/components/ui/menu-entry";
import { cx } from "@/lib/class-names";

type Parts = typeof DropdownRadix | typeof ContextRadix;

/** The entries of a menu, drawn with the parts of either kind of menu. */
export function MenuItems({ parts: Radix, items }: { parts: Parts; items: readonly MenuEntry[] }) {
  return items.map((item, index) => {
    if (item.kind === "separator") return <Radix.Separator key={index} className="my-1 h-px bg-line" />;
    if (item.kind === "custom") return <div key={index}>{item.content}</div>;
    if (item.kind === "label") {
      return (
        <Radix.Label key={index} className={MENU_LABEL}>
          {item.label}
        </Radix.Label>
      );
    }
    if (item.kind === "submenu") {
      return (
        <Radix.Sub key={index}>
          <Radix.SubTrigger className={MENU_ITEM}>
            {item.icon && <item.icon aria-hidden className="text-muted" />}
            <span className="flex-1">{item.label}</span>
            <ChevronRight aria-hidden className="text-muted rtl:-scale-x-100" />
          </Radix.SubTrigger>
          <Radix.Portal>
            <Radix.SubContent sideOffset={4} collisionPadding={8} className={cx(FLOATING, "max-h-80 min-w-44 overflow-y-auto p-1")}>
              <MenuItems parts={Radix} items={item.items} />
            </Radix.SubContent>
          </Radix.Portal>
        </Radix.Sub>
      );
    }
    return <Line key={index} parts={Radix} item={item} />;
  });
}

function Line({ parts: Radix, item }: { parts: Parts; item: MenuItem }) {
  const props = {
    onSelect: (event: Event) => {
      if (item.keepOpen) event.preventDefault();
      item.onSelect();
    },
    ...(item.disabled === undefined ? {} : { disabled: item.disabled }),
    className: cx(MENU_ITEM, item.danger && "text-danger data-highlighted:bg-danger-soft"),
  };
  const inside = (
    <>
      {item.icon && <item.icon aria-hidden className={item.danger ? "" : "text-muted"} />}
      <span className="min-w-0 flex-1 truncate">{item.label}</span>
      {item.hint && <span className="ps-4 text-sm text-faint">{item.hint}</span>}
    </>
  );
  if (item.checked === undefined) return <Radix.Item {...props}>{inside}</Radix.Item>;
  return (
    <Radix.CheckboxItem {...props} checked={item.checked}>
      {inside}
      <span className="inline-flex w-4">
        <Radix.ItemIndicator>
          <Check aria-hidden className="text-accent-ink" />
        </Radix.ItemIndicator>
      </span>
    </Radix.CheckboxItem>
  );
}
