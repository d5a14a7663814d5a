"""A person over HTTP, beside what they did: one shape for every part of the API."""

from pydantic import BaseModel, Field


class PersonRefOut(BaseModel):
    person_id: str = Field(examples=["0198c0de-0000-7000-8000-000000000000"])
    name: str = Field(examples=["Ana"])
    email: str = Field(examples=["ana@example.com"])
