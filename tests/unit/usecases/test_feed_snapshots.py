"""The last feed's parts on S3, and many offers in one read."""

from __future__ import annotations

from orderwright.aws.dynamo import DynamoStorage
from orderwright.aws.snapshots import S3Snapshots
from orderwright.domain.catalogue import Offer
from orderwright.domain.feed_state import FeedState
from orderwright.records import offer_key
from tests.support.catalogue_world import World


def _snapshots(world: World) -> S3Snapshots:
    client, name = world.aws.client("s3"), f"parts-{world.aws.account}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
    return S3Snapshots(client, name)


def test_a_part_is_found_under_its_own_generation_only(world: World) -> None:
    snapshots = _snapshots(world)
    assert snapshots.get("feed", 0, 2) is None
    snapshots.put("feed", 0, 2, b"two")
    assert snapshots.get("feed", 0, 2) == b"two"
    assert snapshots.get("feed", 0, 4) is None, "the same slot, another generation"
    assert snapshots.get("feed", 1, 2) is None


def test_a_new_part_leaves_the_one_in_use_alone(world: World) -> None:
    snapshots = _snapshots(world)
    snapshots.put("feed", 0, 2, b"in use")
    newer = FeedState(connection="feed", fence=7).next_generation(2)
    snapshots.put("feed", 0, newer, b"newer")
    assert snapshots.get("feed", 0, 2) == b"in use"
    assert snapshots.get("feed", 0, newer) == b"newer"


def test_generations_are_unique_by_fence_and_alternate_their_slot() -> None:
    current, seen = 0, set()
    for fence in range(1, 20):
        following = FeedState(connection="feed", fence=fence).next_generation(current)
        assert following & 1 != current & 1
        assert following not in seen
        seen.add(following)
        current = following


def test_a_hundred_offers_are_one_request(world: World) -> None:
    for number in range(3):
        world.has_offer(f"SKU-{number}")
    keys = [offer_key(f"SKU-{number}", "cj") for number in range(100)]
    with world.counted() as calls:
        found = world.storage.get_many([*keys, *keys], Offer)
    assert calls == ["dynamodb:BatchGetItem"]
    assert sorted(stored.model.sku for stored in found.values()) == ["SKU-0", "SKU-1", "SKU-2"]
    assert {stored.version for stored in found.values()} == {1}


def test_keys_that_dynamodb_left_out_are_asked_again(world: World) -> None:
    world.has_offer("SKU-0")
    real = world.aws.client("dynamodb")
    answers: list[int] = []

    class LeavesOut:
        def batch_get_item(self, RequestItems: dict[str, object]) -> object:
            answers.append(1)
            if len(answers) == 1:
                return {"Responses": {}, "UnprocessedKeys": RequestItems}
            return real.batch_get_item(RequestItems=RequestItems)

    key = offer_key("SKU-0", "cj")
    storage = DynamoStorage(LeavesOut(), {"catalogue": "catalogue"}, world.clock.now, lambda: "", lambda seconds: None)
    assert list(storage.get_many([key], Offer)) == [key]
