import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bot, Ellipsis, Plus, Star, Trash2 } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { buttonClass } from "@/components/ui/button";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import { EmptyState } from "@/components/ui/empty-state";
import { IconButton } from "@/components/ui/icon-button";
import type { Assistant } from "@/features/settings/assistants/use-assistants";
import { useDomainChange } from "@/features/settings/domain/use-domain";
import { Row, Rows } from "@/features/settings/parts/card";
import { useConfirm } from "@/features/settings/parts/confirm";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useListChange } from "@/features/settings/parts/use-list-change";
import { useListFocus } from "@/features/settings/parts/use-list-focus";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys } from "@/lib/query";

/** Who answers for the business. */
export function AssistantList({ assistants }: { assistants: UseQueryResult<Assistant[]> }) {
  const t = useT();
  const may = useCan("admin");
  const mayAsk = useCan("agent");
  const tries = mayAsk && !may;
  const confirm = useConfirm();
  const change = useListChange<Assistant>(keys.assistants);
  const changeDomain = useDomainChange();
  const { ref, afterRemoval } = useListFocus<HTMLDivElement>();
  const makeDefault = (assistant: Assistant) =>
    void change({
      now: (items) => items.map((each) => ({ ...each, is_default: each.assistant_id === assistant.assistant_id })),
      request: () => changeDomain({ default_assistant_id: assistant.assistant_id }),
      told: t("settings.assistant_default_now", { name: assistant.name }),
    }).catch(() => undefined);
  const remove = (assistant: Assistant, index: number) =>
    confirm.ask({
      title: t("settings.assistant_delete_title", { name: assistant.name }),
      text: t("settings.assistant_delete_text"),
      action: t("common.delete"),
      run: async () => {
        await change({
          now: (items) => items.filter((each) => each.assistant_id !== assistant.assistant_id),
          request: () => api.delete(`/api/v1/assistants/${assistant.assistant_id}`),
          told: t("settings.deleted", { name: assistant.name }),
        });
        afterRemoval(index);
      },
    });
  const create = may && (
    <Link to="/settings/$section" params={{ section: "assistants" }} search={{ new: "1" }} className={buttonClass("primary")}>
      <Plus aria-hidden />
      {t("settings.assistant_new")}
    </Link>
  );
  return (
    <SectionPage title={t("settings.assistants_title")} description={t("settings.assistants_text")} changes="admin" actions={create}>
      <div ref={ref}>
        <Loaded query={assistants}>
          {(items) =>
            items.length === 0 ? (
              <EmptyState icon={Bot} title={t("settings.assistants_empty")}>{t("settings.assistants_empty_text")}</EmptyState>
            ) : (
              <Rows label={t("settings.assistants_title")}>
                {items.map((assistant, index) => (
                  <Row key={assistant.assistant_id}>
                    <Bot aria-hidden className="size-5 shrink-0 text-muted" />
                    <div className="min-w-0 flex-1 basis-36">
                      <div className="flex flex-wrap items-center gap-2">
                        <Link to="/settings/$section" params={{ section: "assistants" }} search={{ assistant: assistant.assistant_id }} className="truncate font-medium hover:underline">
                          {assistant.name}
                        </Link>
                        {assistant.is_default && <Badge tone="accent">{t("settings.assistant_default")}</Badge>}
                      </div>
                      <div className="truncate text-sm text-muted">
                        <bdi>{assistant.model}</bdi>
                        {assistant.description && ` · ${assistant.description}`}
                      </div>
                    </div>
                    <span className="ms-auto flex items-center gap-1">
                      <Link to="/settings/$section" params={{ section: "assistants" }} search={{ assistant: assistant.assistant_id }} className={buttonClass()}
                        aria-label={t(tries ? "settings.try_of" : "settings.view_open_of", { name: assistant.name })}>
                        {t(tries ? "settings.try" : "settings.assistant_open")}
                      </Link>
                      {may && (
                        <DropdownMenu
                          trigger={<IconButton icon={Ellipsis} label={t("settings.more_of", { name: assistant.name })} tooltip={false} />}
                          items={[
                            { label: t("settings.assistant_make_default"), icon: Star, disabled: assistant.is_default, onSelect: () => makeDefault(assistant) },
                            { kind: "separator" },
                            {
                              label: t("common.delete"), icon: Trash2, danger: true, disabled: assistant.is_default, onSelect: () => remove(assistant, index),
                              ...(assistant.is_default ? { hint: t("settings.assistant_default_stays") } : {}),
                            },
                          ]}
                        />
                      )}
                    </span>
                  </Row>
                ))}
              </Rows>
            )
          }
        </Loaded>
      </div>
      {confirm.dialog}
    </SectionPage>
  );
}
