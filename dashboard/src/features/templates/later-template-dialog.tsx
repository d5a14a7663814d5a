/** The template dialog with its texts, loaded when it is first opened. */
import { lazy, Suspense } from "react";
import type { TemplateDialogProps } from "@/features/templates/template-dialog";
import { withTexts } from "@/lib/i18n";

const Loaded = lazy(async () => ({
  default: (await withTexts("outreach", import("@/features/templates/template-dialog"))).TemplateDialog,
}));

export function LaterTemplateDialog(props: TemplateDialogProps) {
  return (
    <Suspense>
      <Loaded {...props} />
    </Suspense>
  );
}
