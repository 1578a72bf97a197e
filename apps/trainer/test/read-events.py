"""What TensorBoard's own reader finds in a run directory, as JSON: `python3 read-events.py RUN`."""
import json
import struct
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "images": 0})
events.Reload()
scalars = {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
# A PNG's width and height stand behind its signature and the head of its first chunk.
size = lambda png: list(struct.unpack(">II", png[16:24]))
images = {tag: [[e.step, e.width, e.height, *size(e.encoded_image_string)] for e in events.Images(tag)] for tag in events.Tags()["images"]}
print(json.dumps({"scalars": scalars, "images": images}))
