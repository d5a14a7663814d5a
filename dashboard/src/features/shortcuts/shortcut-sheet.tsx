import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { type Hotkey, useHotkey, useHotkeyList } from "@/lib/hotkeys";
import { useT } from "@/lib/i18n";

/** The `?` sheet: every key that does something now, by where it does. */
export function ShortcutSheet() {
  const t = useT();
  const [open, setOpen] = useState(false);
  useHotkey("?", () => setOpen(true), { label: t("list.keys_sheet"), group: t("list.keys_group_anywhere") });
  return (
    <Dialog open={open} onOpenChange={setOpen} title={t("list.keys_title")} size="lg">
      <Sheet />
    </Dialog>
  );
}

/** The keys of the list are the list's own, not the window's: they stand here by hand. */
function useListKeys(): Hotkey[] {
  const t = useT();
  const group = t("list.keys_in_list");
  return [
    { combo: "arrowup", label: t("list.keys_move"), group },
    { combo: "enter", label: t("list.keys_open"), group },
    { combo: "space", label: t("list.keys_select"), group },
    { combo: "shift+arrowdown", label: t("list.keys_select_range"), group },
    { combo: "mod+a", label: t("list.keys_select_all"), group },
  ];
}

function Sheet() {
  const hotkeys = [...useHotkeyList(), ...useListKeys()];
  const groups = [...new Set(hotkeys.map((hotkey) => hotkey.group))];
  return (
    <div className="columns-1 gap-8 sm:columns-2">
      {groups.map((group) => (
        <section key={group} className="mb-5 break-inside-avoid">
          {group && <h3 className="mb-1 text-sm font-semibold text-muted">{group}</h3>}
          <dl>
            {hotkeys.filter((hotkey) => hotkey.group === group).map(({ combo, label }) => (
              <div key={combo} className="flex min-h-8 items-center justify-between gap-4 border-b border-line py-1 last:border-0">
                <dt>{label}</dt>
                <dd><Kbd combo={combo} /></dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}
