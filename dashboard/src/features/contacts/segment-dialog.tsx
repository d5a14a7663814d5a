import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { Segment } from "@/api/campaign-types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { focusInvalid } from "@/components/ui/focus-invalid";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import { useToast } from "@/components/ui/toast";
import { useDiscard } from "@/components/ui/use-discard";
import { RuleFields } from "@/features/contacts/rule-fields";
import { formOf, isSound, numbersIn, ruleOf } from "@/features/contacts/segment-rule";
import { FormError, submitting } from "@/features/settings/parts/form-parts";
import { cx } from "@/lib/class-names";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

export interface SegmentDialogProps {
  /** Null: a new one. */
  segment: Segment | null;
  onClose: () => void;
  onMade: (segmentId: string) => void;
}

/** By a rule, which is asked anew each time, or as a list of contacts. */
export function SegmentDialog({ segment, onClose, onMade }: SegmentDialogProps) {
  const t = useT();
  const toast = useToast();
  const id = useId();
  const [name, setName] = useState(segment?.name ?? "");
  const [kind, setKind] = useState(segment?.kind ?? "rule");
  const [form, setForm] = useState(() => formOf(segment?.rule ?? {}));
  const [numbers, setNumbers] = useState("");
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: async () => {
      const rule = kind === "rule" ? { rule: ruleOf(form) } : {};
      const saved = segment
        ? await api.patch<Segment>(`/api/v1/segments/${segment.segment_id}`, { name: name.trim(), ...rule })
        : await api.post<Segment>("/api/v1/segments", { name: name.trim(), kind, ...rule });
      const added = kind === "list" ? numbersIn(numbers) : [];
      if (added.length > 0) await api.post(`/api/v1/segments/${saved.segment_id}/members`, { phone_numbers: added });
      return saved;
    },
    onSuccess: (saved) => {
      toast.success(t("audience.segment_saved", { name: saved.name }));
      onMade(saved.segment_id);
      onClose();
    },
    onSettled: () => {
      for (const queryKey of [keys.segments, ["segment"], keys.contacts()]) void queryClient.invalidateQueries({ queryKey });
    },
  });
  const dirty = name.trim() !== (segment?.name ?? "") || numbers.trim() !== "" || JSON.stringify(form) !== JSON.stringify(formOf(segment?.rule ?? {}));
  const { close, question } = useDiscard(dirty, save.isPending, onClose);
  const sound = name.trim() !== "" && (kind === "list" || isSound(form));
  return (
    <Dialog open onOpenChange={(open) => !open && close()} size="lg" title={segment ? t("audience.segment_edit", { name: segment.name }) : t("audience.segment_new")}
      footer={
        <>
          <Button onClick={close}>{t("common.cancel")}</Button>
          <Button type="submit" form={id} variant="primary" pending={save.isPending}>{t(segment ? "common.save" : "common.create")}</Button>
        </>
      }
    >
      <form id={id} noValidate className="flex flex-col gap-4" onSubmit={submitting(() => {
        setTried(true);
        if (sound && !save.isPending) save.mutate();
        else focusInvalid(id);
      })}>
        <Field label={t("common.name")} required error={tried && name.trim() === "" ? t("audience.name_missing") : null}>
          {(control) => (
            // The dialog was asked for a moment ago: typing is what comes next.
            // eslint-disable-next-line jsx-a11y/no-autofocus
            <Input {...control} autoFocus autoComplete="off" maxLength={80} dir="auto" value={name} onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        {!segment && (
          <div role="radiogroup" aria-label={t("audience.kind")} className="grid gap-2 sm:grid-cols-2">
            {(["rule", "list"] as const).map((each) => (
              <label key={each} className={cx("flex cursor-pointer items-start gap-3 rounded-lg border px-3 py-2.5", kind === each ? "border-accent bg-accent-soft" : "border-line hover:bg-hover")}>
                <input type="radio" className="mt-1" checked={kind === each} onChange={() => setKind(each)} />
                <span>
                  <span className="block font-medium">{t(`audience.kind_${each}`)}</span>
                  <span className="block text-sm text-muted">{t(`audience.kind_${each}_text`)}</span>
                </span>
              </label>
            ))}
          </div>
        )}
        {kind === "rule" ? (
          <RuleFields form={form} onChange={(change) => setForm((now) => ({ ...now, ...change }))} />
        ) : (
          <Field label={t("audience.numbers")} description={t("audience.numbers_hint")} optional>
            {(control) => <Textarea {...control} dir="ltr" rows={5} className="max-h-60 font-mono text-sm" placeholder={"+34600123456\n+34600123457"} value={numbers} onChange={(event) => setNumbers(event.target.value)} />}
          </Field>
        )}
        <FormError text={save.error && errorText(save.error)} />
      </form>
      {question}
    </Dialog>
  );
}
