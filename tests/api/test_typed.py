"""What people type to look for something is taken as it is, or refused with the reason."""

from pipeline.desk import Desk


async def test_a_nul_is_named_wherever_something_is_looked_for(web: Desk) -> None:
    document = (await web.call("GET", "/openapi.json")).json
    looked: list[str] = []
    for path, methods in document["paths"].items():
        given = methods.get("get", {}).get("parameters", [])
        if not any((each["in"], each["name"]) == ("query", "q") for each in given):
            continue
        named = path.replace("{campaign_id}", "0198c0de-0000-7000-8000-000000000000")
        answer = await web.call("GET", named, params={"q": "an\0a"})
        assert answer.status == 422, path
        assert answer.detail.startswith("query.q: "), path
        assert "NUL" in answer.detail, path
        looked.append(path)
    assert {"/api/v1/search", "/api/v1/contacts", "/api/v1/call-logs"} <= set(looked)
    assert len(looked) >= 9
