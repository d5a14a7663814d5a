import { useMutation } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { Price, Prices } from "@/api/outreach-types";
import { Button } from "@/components/ui/button";
import { useToast } from "@/components/ui/toast";
import { CHANNEL_NAMES } from "@/features/settings/credits/credit";
import { linesOf, lineProblems, newLine, pricesOf, type PriceLine } from "@/features/settings/credits/price-list";
import { PriceRow } from "@/features/settings/credits/price-row";
import { useDomainPath, usePrices } from "@/features/settings/credits/use-credits";
import { Card } from "@/features/settings/parts/card";
import { FormError, SaveBar, submitting } from "@/features/settings/parts/form-parts";
import { Loaded } from "@/features/settings/parts/loaded";
import { useForm } from "@/features/settings/parts/use-form";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { formatCredits, useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

const COLUMNS = ["channel", "direction", "category", "call_type", "country", "unit", "price"] as const;

/** What each kind of message, minute or token costs. */
export function PriceEditor() {
  const prices = usePrices();
  return <Loaded query={prices}>{(found) => <Editor prices={found} />}</Loaded>;
}

function Editor({ prices }: { prices: Prices }) {
  const t = useT();
  const toast = useToast();
  const may = useCan("admin");
  const path = useDomainPath();
  const { values, set, dirty, reset } = useForm({ lines: linesOf(prices.items) });
  const { lines } = values;
  const [tried, setTried] = useState(false);
  const problems = lineProblems(lines);
  /** A price that is yet to be written is nothing wrong, before someone wants to save. */
  const told = ({ key, price }: PriceLine) => (tried || price !== "" ? problems.get(key) : undefined);
  const submit = () => {
    setTried(true);
    if (problems.size === 0 && !save.isPending) save.mutate();
  };
  const save = useMutation({
    mutationFn: () => api.put<Prices>(`${path}/prices`, { items: pricesOf(lines) }),
    onSuccess: (saved) => {
      queryClient.setQueryData(keys.prices, saved);
      toast.success(t("common.saved"));
    },
  });
  const change = (key: number, part: Partial<PriceLine>) => set({ lines: lines.map((each) => (each.key === key ? { ...each, ...part } : each)) });
  return (
    <Card title={t("outreach.prices")} description={t("outreach.prices_text")}>
      <form noValidate className="flex flex-col gap-3" onSubmit={submitting(submit)}>
        {lines.length > 0 && (
          <div className="relative -mx-4 overflow-x-auto px-4">
            <table className="w-full border-collapse text-sm max-sm:block">
              <caption className="sr-only">{t("outreach.prices")}</caption>
              <thead className="max-sm:hidden">
                <tr className="text-muted">
                  {COLUMNS.map((name) => (
                    <th key={name} scope="col" className="pe-2 pb-1 text-start font-medium whitespace-nowrap">{t(`outreach.price_${name}`)}</th>
                  ))}
                  <th scope="col"><span className="sr-only">{t("common.remove")}</span></th>
                </tr>
              </thead>
              <tbody className="max-sm:flex max-sm:flex-col max-sm:gap-3">
                {lines.map((line, place) => (
                  <PriceRow
                    key={line.key}
                    line={line}
                    number={place + 1}
                    may={may}
                    problem={dirty ? told(line) : undefined}
                    onChange={(part) => change(line.key, part)}
                    onRemove={() => set({ lines: lines.filter((each) => each !== line) })}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
        {may && (
          <Button className="self-start" onClick={() => set({ lines: [...lines, newLine(lines)] })}>
            <Plus aria-hidden />
            {t("outreach.price_add")}
          </Button>
        )}
        <Defaults prices={prices.defaults} isAlone={lines.length === 0} />
        <FormError text={save.error ? errorText(save.error) : null} />
        {may && (
          <SaveBar
            dirty={dirty}
            pending={save.isPending}
            onReset={() => {
              save.reset();
              setTried(false);
              reset();
            }}
          />
        )}
      </form>
    </Card>
  );
}

/** What holds where no line of one's own matches. */
function Defaults({ prices, isAlone }: { prices: readonly Price[]; isAlone: boolean }) {
  const t = useT();
  const items = prices.map((each) => t("outreach.price_default", {
    channel: each.channel ? t(CHANNEL_NAMES[each.channel]) : t("outreach.any"),
    price: formatCredits(each.price),
    unit: t(`outreach.unit_${each.unit}`),
  }));
  return (
    <div className="rounded-md bg-sunken px-3 py-2 text-sm text-muted">
      <p>{t(isAlone ? "outreach.prices_none" : "outreach.prices_else")}</p>
      <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-0.5 text-ink">
        {items.map((each) => <li key={each}>{each}</li>)}
        <li>{t("outreach.prices_rest")}</li>
      </ul>
    </div>
  );
}
