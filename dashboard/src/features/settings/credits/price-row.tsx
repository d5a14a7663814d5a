import { X } from "lucide-react";
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

export function PriceRow({ line, number, may, problem, onChange, onRemove }: PriceRowProps) {
  const t = useT();
  const label = (name: Parameters<typeof t>[0]) => `${t(name)}, ${t("outreach.price_line", { number })}`;
  const text = (field: "category" | "callType" | "country", name: Parameters<typeof t>[0], width: string) => (
    <td className="pe-2 py-1">
      <Input aria-label={label(name)} aria-invalid={field === "country" && problem === "country" ? true : undefined} className={width} dir="auto" disabled={!may}
        maxLength={field === "country" ? 2 : 200} placeholder={t("outreach.any")} value={line[field]} onChange={(event) => onChange({ [field]: event.target.value })} />
    </td>
  );
  return (
    <>
      <tr data-row>
        <td className="pe-2 py-1">
          <Select aria-label={label("outreach.price_channel")} className="w-36!" disabled={!may} value={line.channel} onChange={(channel) => onChange({ channel, unit: unitOf(channel) })}
            options={CHANNELS.map((each) => ({ value: each, label: each === ANY ? t("outreach.any") : t(CHANNEL_NAMES[each]) }))} />
        </td>
        <td className="pe-2 py-1">
          <Select aria-label={label("outreach.price_direction")} className="w-28!" disabled={!may} value={line.direction} onChange={(direction) => onChange({ direction })}
            options={DIRECTIONS.map((each) => ({ value: each, label: each === ANY ? t("outreach.any") : t(`outreach.direction_${each}`) }))} />
        </td>
        {text("category", "outreach.price_category", "min-w-28")}
        {text("callType", "outreach.price_call_type", "min-w-28")}
        {text("country", "outreach.price_country", "w-16! uppercase placeholder:normal-case")}
        <td className="pe-2 py-1">
          <Select aria-label={label("outreach.price_unit")} aria-invalid={problem === "unit"} className="w-36!" disabled={!may} value={line.unit} onChange={(unit) => onChange({ unit })}
            options={UNITS.map((each) => ({ value: each, label: t(`outreach.unit_${each}`) }))} />
        </td>
        <td className="pe-2 py-1">
          <Input aria-label={label("outreach.price_price")} aria-invalid={problem === "price" ? true : undefined} inputMode="decimal" dir="ltr" className="w-24! text-end tabular-nums" disabled={!may}
            value={line.price} onChange={(event) => onChange({ price: event.target.value })} />
        </td>
        <td className="py-1 text-end">
          {may && <IconButton icon={X} label={t("outreach.price_remove", { number })} onClick={onRemove} />}
        </td>
      </tr>
      <tr className={problem ? "" : "hidden"}>
        <td colSpan={8} className="pb-2 text-sm text-danger"><p role="alert">{problem && t(`outreach.price_problem_${problem}`)}</p></td>
      </tr>
    </>
  );
}
