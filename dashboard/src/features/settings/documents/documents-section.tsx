import { useQuery } from "@tanstack/react-query";
import { BookOpen, FileText, Trash2 } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state";
import { IconButton } from "@/components/ui/icon-button";
import { useToast } from "@/components/ui/toast";
import { DocumentSearch } from "@/features/settings/documents/document-search";
import { Row, Rows } from "@/features/settings/parts/card";
import { useConfirm } from "@/features/settings/parts/confirm";
import { FileDrop } from "@/features/settings/parts/file-drop";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { sendFile, type Send } from "@/features/settings/parts/send-file";
import { SendingList } from "@/features/settings/parts/sending-list";
import { useListChange } from "@/features/settings/parts/use-list-change";
import { useListFocus } from "@/features/settings/parts/use-list-focus";
import { useSending } from "@/features/settings/parts/use-sending";
import { api } from "@/lib/http";
import { formatBytes, formatDate, useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

interface Document {
  document_id: string;
  name: string;
  size: number;
  passages: number;
  created_at: string;
}

const toKnowledge: Send<Document> = (...file) => sendFile("/api/v1/documents", ...file);
const ACCEPT = ".md,.markdown,.txt,.text,.pdf,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.csv,.rtf";

/** What the knowledge assistant answers from. */
export function DocumentsSection() {
  const t = useT();
  const toast = useToast();
  const may = useCan("admin");
  const confirm = useConfirm();
  const change = useListChange<Document>(keys.documents);
  const { ref, afterRemoval } = useListFocus<HTMLDivElement>();
  const documents = useQuery({
    queryKey: keys.documents,
    queryFn: async ({ signal }) => (await api.get<{ items: Document[] }>("/api/v1/documents", undefined, { signal })).items,
  });
  const sending = useSending(toKnowledge, (made) => {
    queryClient.setQueryData<Document[]>(keys.documents, (all) => all && [...all.filter((each) => each.name !== made.name), made]);
    void queryClient.invalidateQueries({ queryKey: keys.documents });
    void queryClient.invalidateQueries({ queryKey: ["document-search"] });
    toast.success(t("settings.document_added", { name: made.name, count: made.passages }));
  });
  const remove = (document: Document, index: number) =>
    confirm.ask({
      title: t("settings.document_delete_title", { name: document.name }),
      text: t("settings.document_delete_text"),
      action: t("common.delete"),
      run: async () => {
        await change({
          now: (items) => items.filter((each) => each.document_id !== document.document_id),
          request: () => api.delete(`/api/v1/documents/${document.document_id}`),
          told: t("settings.deleted", { name: document.name }),
        });
        void queryClient.invalidateQueries({ queryKey: ["document-search"] });
        afterRemoval(index);
      },
    });
  return (
    <SectionPage title={t("settings.documents_title")} description={t("settings.documents_text")} changes="admin">
      {may && <FileDrop accept={ACCEPT} hint={t("settings.documents_drop")} onFiles={sending.add} />}
      <SendingList list={sending.list} onRetry={sending.retry} onDrop={sending.drop} />
      <div ref={ref} className="flex flex-col gap-4">
        <Loaded query={documents}>
          {(items) =>
            items.length === 0 ? (
              <EmptyState icon={BookOpen} title={t("settings.documents_empty")}>{t("settings.documents_empty_text")}</EmptyState>
            ) : (
              <>
                <Rows label={t("settings.documents_title")}>
                  {items.map((document, index) => (
                    <Row key={document.document_id} className="min-h-12!">
                      <FileText aria-hidden className="size-4 shrink-0 text-muted" />
                      <div className="min-w-0 flex-1">
                        <div className="truncate font-medium">{document.name}</div>
                        <div className="text-sm text-muted">
                          {t("settings.document_facts", { size: formatBytes(document.size), passages: t("settings.passages", { count: document.passages }), date: formatDate(document.created_at) })}
                        </div>
                      </div>
                      {may && <IconButton icon={Trash2} label={t("settings.delete_of", { name: document.name })} onClick={() => remove(document, index)} />}
                    </Row>
                  ))}
                </Rows>
                <DocumentSearch />
              </>
            )
          }
        </Loaded>
      </div>
      {confirm.dialog}
    </SectionPage>
  );
}
