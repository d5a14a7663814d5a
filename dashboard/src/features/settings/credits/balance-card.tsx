import { useMutation } from "@tanstack/react-query";
import { Coins, Plus, TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { Credits } from "@/api/outreach-types";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useToast } from "@/components/ui/toast";
import { amountOf, levelOf } from "@/features/settings/credits/credit";
import { TopUpDialog } from "@/features/settings/credits/top-up-dialog";
import { useDomainPath } from "@/features/settings/credits/use-credits";
import { submitting } from "@/features/settings/parts/form-parts";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { useForm } from "@/features/settings/parts/use-form";
import { cx } from "@/lib/class-names";
import { api } from "@/lib/http";
import { formatCredits, useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

/** How much is left, and from where on people are told. */
export function BalanceCard({ credits }: { credits: Credits }) {
  const t = useT();
  const may = useCan("admin");
  const [adding, setAdding] = useState(false);
  const level = levelOf(credits);
  const topUp = may && (
    <Button variant="primary" onClick={() => setAdding(true)}>
      <Plus aria-hidden />
      {t("common.credit_top_up")}
    </Button>
  );
  const dialog = adding && <TopUpDialog balance={credits.balance} billed={credits.billed} onClose={() => setAdding(false)} />;
  if (!credits.billed) {
    return (
      <div className="rounded-lg border border-line bg-surface">
        <EmptyState icon={Coins} title={t("outreach.not_billed")} action={topUp} className="max-w-lg">
          <p>{t("outreach.not_billed_text")}</p>
          <p className="mt-2">{t(may ? "outreach.not_billed_next" : "outreach.not_billed_reader")}</p>
        </EmptyState>
        {dialog}
      </div>
    );
  }
  return (
    <section aria-label={t("outreach.balance")} className="grid gap-4 rounded-lg border border-line bg-surface p-4 sm:grid-cols-[1fr_auto] sm:items-start">
      <div>
        <h2 className="text-sm text-muted">{t("outreach.balance")}</h2>
        <p className={cx("mt-1 text-3xl font-semibold tabular-nums", level === "empty" && "text-danger", level === "low" && "text-warning")}>
          {formatCredits(credits.balance)} <span className="text-lg font-normal text-muted">{t("outreach.credits")}</span>
        </p>
        <p role="status" className={cx("mt-1 flex items-center gap-1.5 text-sm", level === "empty" ? "text-danger" : "text-warning")}>
          {(level === "low" || level === "empty") && (
            <>
              <TriangleAlert aria-hidden className="size-4 shrink-0" />
              {t(level === "empty" ? "common.credit_empty" : "outreach.balance_low", { balance: formatCredits(credits.low_balance ?? 0) })}
            </>
          )}
        </p>
      </div>
      {topUp}
      <LowBalance credits={credits} may={may} />
      {dialog}
    </section>
  );
}

function LowBalance({ credits, may }: { credits: Credits; may: boolean }) {
  const t = useT();
  const toast = useToast();
  const path = useDomainPath();
  const { values, set, dirty } = useForm({ typed: credits.low_balance === null ? "" : String(credits.low_balance) });
  const amount = values.typed.trim() === "" ? null : amountOf(values.typed);
  const isWrong = values.typed.trim() !== "" && (amount === null || amount < 0);
  const save = useMutation({
    mutationFn: () => api.patch(`${path}/credits`, { low_balance: amount }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.credits });
      toast.success(t("common.saved"));
    },
  });
  const wrong = serverErrors(save.error, ["low_balance"]);
  return (
    <form className="flex items-end gap-2 sm:col-span-2" noValidate onSubmit={submitting(() => !isWrong && dirty && save.mutate())}>
      <Field
        label={t("outreach.low_balance")}
        description={t("outreach.low_balance_hint")}
        error={isWrong ? t("outreach.amount_wrong") : wrong.fields.low_balance ?? wrong.rest}
        className="w-full max-w-sm"
      >
        {(control) => (
          <span className="flex gap-2">
            <Input {...control} inputMode="decimal" dir="ltr" className="max-w-40 tabular-nums" disabled={!may} placeholder={t("outreach.low_balance_never")} value={values.typed} onChange={(event) => set({ typed: event.target.value })} />
            {dirty && <Button type="submit" pending={save.isPending}>{t("common.save")}</Button>}
          </span>
        )}
      </Field>
    </form>
  );
}

