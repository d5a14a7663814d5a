import { X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { CHANNEL_NAMES } from "@/features/settings/credits/credit";
import { ANY, CHANNELS, DIRECTIONS, unitOf, UNITS, type LineProblem, type PriceLine } from "@/features/settings/credits/price-list";
import { useT } from "@/lib/i18n";

export interface PriceRowProps {
  line: PriceLine;
  number: number;
  may: boolean;
  problem: LineProblem | undefined;
  onChange: (part: Partial<PriceLine>) => void;
  onRemove: () => void;
}

/** A row of the table; on a phone a card, with the names of the columns in it. */
const CELL = "py-1 pe-2 max-sm:flex max-sm:min-w-0 max-sm:flex-col max-sm:gap-0.5 max-sm:p-0";

export function PriceRow({ line, number, may, problem, onChange, onRemove }: PriceRowProps) {
  const t = useT();
  const label = (name: Parameters<typeof t>[0]) => `${t(name)}, ${t("outreach.price_line", { number })}`;
  const cell = (name: Parameters<typeof t>[0], control: ReactNode) => (
    <td className={CELL}>
      <span aria-hidden className="text-xs text-muted sm:hidden">{t(name)}</span>
      {control}
    </td>
  );
  const text = (field: "category" | "callType" | "country", name: Parameters<typeof t>[0], width: string) => cell(name, (
    <Input aria-label={label(name)} aria-invalid={field === "country" && problem === "country" ? true : undefined} className={width} dir="auto" disabled={!may}
      maxLength={field === "country" ? 2 : 200} placeholder={t("outreach.any")} value={line[field]} onChange={(event) => onChange({ [field]: event.target.value })} />
  ));
  return (
    <>
      <tr data-row className="max-sm:grid max-sm:grid-cols-2 max-sm:gap-2 max-sm:rounded-lg max-sm:border max-sm:border-line max-sm:p-3">
        {cell("outreach.price_channel", (
          <Select aria-label={label("outreach.price_channel")} className="sm:w-42!" disabled={!may} value={line.channel} onChange={(channel) => onChange({ channel, unit: unitOf(channel) })}
            options={CHANNELS.map((each) => ({ value: each, label: each === ANY ? t("outreach.any") : t(CHANNEL_NAMES[each]) }))} />
        ))}
        {cell("outreach.price_direction", (
          <Select aria-label={label("outreach.price_direction")} className="sm:w-24!" disabled={!may} value={line.direction} onChange={(direction) => onChange({ direction })}
            options={DIRECTIONS.map((each) => ({ value: each, label: each === ANY ? t("outreach.any") : t(`outreach.direction_${each}`) }))} />
        ))}
        {text("category", "outreach.price_category", "sm:min-w-28")}
        {text("callType", "outreach.price_call_type", "sm:min-w-28")}
        {text("country", "outreach.price_country", "sm:w-16! uppercase placeholder:normal-case")}
        {cell("outreach.price_unit", (
          <Select aria-label={label("outreach.price_unit")} aria-invalid={problem === "unit"} className="sm:w-36!" disabled={!may} value={line.unit} onChange={(unit) => onChange({ unit })}
            options={UNITS.map((each) => ({ value: each, label: t(`outreach.unit_${each}`) }))} />
        ))}
        {cell("outreach.price_price", (
          <Input aria-label={label("outreach.price_price")} aria-invalid={problem === "price" ? true : undefined} inputMode="decimal" dir="ltr" className="text-end tabular-nums sm:w-24!" disabled={!may}
            value={line.price} onChange={(event) => onChange({ price: event.target.value })} />
        ))}
        <td className="py-1 text-end max-sm:self-end max-sm:p-0">
          {may && <IconButton icon={X} label={t("outreach.price_remove", { number })} onClick={onRemove} />}
        </td>
      </tr>
      <tr className={problem ? "" : "hidden"}>
        <td colSpan={8} className="pb-2 text-sm text-danger"><p role="alert">{problem && t(`outreach.price_problem_${problem}`)}</p></td>
      </tr>
    </>
  );
}
