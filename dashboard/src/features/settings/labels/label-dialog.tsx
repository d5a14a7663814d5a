import { useMutation } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { useState } from "react";
import type { Label } from "@/api/types";
import { LabelBadge } from "@/components/ui/badge";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useToast } from "@/components/ui/toast";
import { COLORS, colorName } from "@/features/settings/labels/colors";
import { FormDialog } from "@/features/settings/parts/form-dialog";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { useForm } from "@/features/settings/parts/use-form";
import { cx } from "@/lib/class-names";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

/** `label`: the one to change; null to make one. */
export function LabelDialog({ label, onClose }: { label: Label | null; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const [saved] = useState({ name: label?.name ?? "", color: label?.color ?? "slate" });
  const { values, set, dirty } = useForm(saved);
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () => {
      const body = { name: values.name.trim(), color: values.color };
      return label ? api.patch(`/api/v1/labels/${label.label_id}`, body) : api.post("/api/v1/labels", body);
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.labels });
      // Conversations carry their labels' names and colours.
      void queryClient.invalidateQueries({ queryKey: keys.conversations() });
      toast.success(t("settings.saved_name", { name: values.name.trim() }));
      onClose();
    },
  });
  const empty = values.name.trim() === "";
  const wrong = serverErrors(save.error, ["name", "color"], "name");
  return (
    <FormDialog
      title={t(label ? "settings.label_edit" : "settings.label_new")}
      action={t(label ? "common.save" : "common.create")}
      dirty={dirty}
      pending={save.isPending}
      error={wrong.rest ?? wrong.fields.color ?? null}
      size="sm"
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (!empty) save.mutate();
      }}
    >
      <Field label={t("common.name")} description={t("settings.label_name_hint")} required error={tried && empty ? t("settings.name_missing") : wrong.fields.name}>
        {(control) => <Input {...control} maxLength={60} value={values.name} onChange={(event) => set({ name: event.target.value })} />}
      </Field>
      <fieldset>
        <legend className="mb-1 text-sm font-medium">{t("settings.label_color")}</legend>
        <div className="grid grid-cols-3 gap-1">
          {COLORS.map((color) => (
            <label
              key={color}
              className={cx(
                "flex min-h-9 cursor-pointer items-center gap-1 rounded-md border px-2 has-focus-visible:outline-2 has-focus-visible:outline-accent",
                values.color === color ? "border-accent bg-accent-soft" : "border-transparent hover:bg-hover",
              )}
            >
              <input type="radio" name="color" value={color} checked={values.color === color} onChange={() => set({ color })} className="sr-only" />
              <LabelBadge name={colorName(color, t)} color={color} />
              {values.color === color && <Check aria-hidden className="ms-auto size-4 shrink-0 text-accent-ink" />}
            </label>
          ))}
        </div>
      </fieldset>
      <div className="flex items-center gap-2 text-sm text-muted">
        {t("settings.label_preview")}
        <LabelBadge name={values.name.trim() || t("settings.label_sample")} color={values.color} />
      </div>
    </FormDialog>
  );
}
