import { CircleAlert, CircleCheck } from "lucide-react";
import { useState } from "react";
import type { PreviewRow } from "@/api/campaign-types";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { Panel } from "@/features/campaigns/page-parts";
import { useCampaignChange } from "@/features/campaigns/use-campaigns";
import { FIELDS, guessed, isSame, problemsOf, stored, type FieldName, type Mapping } from "@/features/campaigns/wizard/mapping";
import { usePreviewRows } from "@/features/campaigns/wizard/preview-rows";
import { StepFoot } from "@/features/campaigns/wizard/step-foot";
import type { StepProps } from "@/features/campaigns/wizard/steps";
import { FormError, submitting } from "@/features/settings/parts/form-parts";
import { cx } from "@/lib/class-names";
import { errorText } from "@/lib/error-text";
import { formatNumber, useT } from "@/lib/i18n";

const NONE = "\u0000none";

/** Which column is what, with the first rows beside it. */
export function ColumnsStep({ campaign, onNext, onBack }: StepProps) {
  const t = useT();
  const change = useCampaignChange(campaign.campaign_id);
  const rows = usePreviewRows(campaign);
  const [mapping, setMapping] = useState<Mapping>(() => (Object.keys(campaign.mapping).length > 0 ? campaign.mapping : guessed(campaign.columns)));
  const [tried, setTried] = useState(false);
  const missing = !mapping.phone_number;
  const set = (field: FieldName, column: string) => setMapping((now) => ({ ...now, [field]: column === NONE ? "" : column }));
  const save = () => {
    setTried(true);
    if (missing || change.isPending) return;
    change.mutate({ mapping: stored(mapping) }, { onSuccess: onNext });
  };
  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={submitting(save)}>
      <Panel title={t("campaigns.step_columns")} hint={t("campaigns.columns_text")}>
        <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
          {FIELDS.map((field) => (
            <Field key={field} label={t(`campaigns.field_${field}`)} optional={field !== "phone_number"}
              error={field === "phone_number" && tried && missing ? t("campaigns.number_column_missing") : null}>
              {(control) => (
                <Select {...control} value={mapping[field] || NONE} onChange={(column) => set(field, column)}
                  options={[{ value: NONE, label: t("campaigns.no_column") }, ...campaign.columns.map((column) => ({ value: column, label: column }))]} />
              )}
            </Field>
          ))}
        </div>
      </Panel>
      {rows.length > 0 && <PreviewTable rows={rows} columns={campaign.columns} mapping={mapping} asServer={isSame(mapping, campaign.mapping)} />}
      <FormError text={change.error && errorText(change.error)} />
      <StepFoot onBack={onBack} pending={change.isPending} />
    </form>
  );
}

interface PreviewTableProps {
  rows: readonly PreviewRow[];
  columns: readonly string[];
  mapping: Mapping;
  /** The server found its problems with this mapping. */
  asServer: boolean;
}

function PreviewTable({ rows, columns, mapping, asServer }: PreviewTableProps) {
  const t = useT();
  const fieldOf = (column: string) => FIELDS.find((field) => mapping[field] === column);
  return (
    <Panel title={t("campaigns.first_rows")} hint={t("campaigns.first_rows_hint")} className="">
      {/* It scrolls sideways, so it must be reached by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div tabIndex={0} role="region" aria-label={t("campaigns.first_rows")} className="overflow-x-auto focus-visible:-outline-offset-2">
        <table className="w-full text-sm">
          <thead>
            <tr className="border-b border-line text-start text-xs text-muted">
              <th scope="col" className="px-3 py-2 text-start font-medium">{t("campaigns.column_line")}</th>
              <th scope="col" className="px-3 py-2 text-start font-medium">{t("campaigns.column_check")}</th>
              {columns.map((column) => {
                const field = fieldOf(column);
                return (
                  <th key={column} scope="col" className="px-3 py-2 text-start font-medium whitespace-nowrap">
                    <bdi className={field ? "text-ink" : ""}>{column}</bdi>
                    {field && <span className="block font-normal text-accent-ink">{t(`campaigns.field_${field}`)}</span>}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => <PreviewLine key={row.line} row={row} columns={columns} mapping={mapping} asServer={asServer} />)}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function PreviewLine({ row, columns, mapping, asServer }: Omit<PreviewTableProps, "rows"> & { row: PreviewRow }) {
  const t = useT();
  const found = problemsOf(row, mapping);
  // What the server says knows more: what a number without a country code may be.
  const own = found.map((problem) => t(`campaigns.problem_${problem}`));
  const texts = own.length === 0 && asServer ? row.problems : own;
  const wrongColumn = found.includes("number_wrong") ? mapping.phone_number : undefined;
  const wrongMail = found.includes("email_wrong") ? mapping.email : undefined;
  return (
    <tr className={cx("border-b border-line last:border-0", texts.length > 0 && "bg-danger-soft/50")}>
      <td className="px-3 py-1.5 text-faint">{formatNumber(row.line)}</td>
      <td className="px-3 py-1.5">
        {texts.length === 0 ? (
          <span className="text-success"><CircleCheck aria-hidden className="size-4" /><span className="sr-only">{t("campaigns.row_sound")}</span></span>
        ) : (
          <span className="flex items-start gap-1 whitespace-nowrap text-danger"><CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />{texts.join(" ")}</span>
        )}
      </td>
      {columns.map((column) => (
        <td key={column} className={cx("max-w-60 truncate px-3 py-1.5", (column === wrongColumn || column === wrongMail) && "text-danger")} title={row.values[column]}>
          <bdi>{row.values[column]}</bdi>
        </td>
      ))}
    </tr>
  );
}
