import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useToast } from "@/components/ui/toast";
import { amountOf } from "@/features/settings/credits/credit";
import { useDomainPath } from "@/features/settings/credits/use-credits";
import { FormDialog } from "@/features/settings/parts/form-dialog";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { api } from "@/lib/http";
import { formatCredits, useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";
import { useRequestKeys } from "@/lib/request-key";

const AMOUNTS = [100, 500, 1000, 5000];

export interface TopUpDialogProps {
  balance: number;
  billed: boolean;
  onClose: () => void;
}

/** Credit that comes in. A second press of the button adds nothing: the request has a key. */
export function TopUpDialog({ balance, billed, onClose }: TopUpDialogProps) {
  const t = useT();
  const toast = useToast();
  const path = useDomainPath();
  const keyOf = useRequestKeys();
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const amount = amountOf(typed);
  const isWrong = amount === null || amount <= 0;
  const add = useMutation({
    mutationFn: () => {
      const body = { amount, reason: reason.trim() };
      return api.post<{ balance: number }>(`${path}/credits`, body, { headers: keyOf(body) });
    },
    onSuccess: async (now) => {
      await queryClient.invalidateQueries({ queryKey: keys.credits });
      toast.success(t("outreach.topped_up", { balance: formatCredits(now.balance) }));
      onClose();
    },
  });
  const wrong = serverErrors(add.error, ["amount", "reason"]);
  return (
    <FormDialog
      title={t("common.credit_top_up")}
      description={billed ? t("outreach.top_up_text", { balance: formatCredits(balance) }) : t("outreach.top_up_first")}
      action={isWrong ? t("common.credit_top_up") : t("outreach.top_up_by", { amount: formatCredits(amount) })}
      dirty={typed !== "" || reason !== ""}
      pending={add.isPending}
      error={wrong.rest}
      size="sm"
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (!isWrong) add.mutate();
      }}
    >
      <Field
        label={t("outreach.amount")}
        required
        error={tried && isWrong ? t("outreach.amount_wrong") : wrong.fields.amount}
        description={isWrong || !billed ? undefined : t("outreach.top_up_after", { balance: formatCredits(balance + amount) })}
      >
        {(control) => <Input {...control} inputMode="decimal" dir="ltr" autoComplete="off" className="text-lg! tabular-nums" value={typed} onChange={(event) => setTyped(event.target.value)} />}
      </Field>
      <div className="flex flex-wrap gap-1.5">
        {AMOUNTS.map((each) => (
          <Button key={each} size="sm" onClick={() => setTyped(String(each))}>{formatCredits(each)}</Button>
        ))}
      </div>
      <Field label={t("outreach.reason")} optional description={t("outreach.reason_hint")} error={wrong.fields.reason}>
        {(control) => <Input {...control} dir="auto" maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />}
      </Field>
    </FormDialog>
  );
}
