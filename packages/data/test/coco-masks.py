"""Digests of what COCO's mask library makes of real segmentations; expected by real-masks.shared.test.ts.

usage: python3 coco-masks.py FOLDER_OF_SHARED_FILES > coco-masks.json     needs pycocotools
"""
import hashlib
import importlib.metadata
import json
import os
import sys

from pycocotools import mask as library

result = {}
for name in ("coco128_instances_train2017.json", "cocomini_instances_train2017.json"):
    with open(os.path.join(sys.argv[1], "real/annotations", name)) as file:
        data = json.load(file)
    sizes = {image["id"]: (image["height"], image["width"]) for image in data["images"]}
    lines, of_image, area = [], {}, 0
    for annotation in data["annotations"]:
        height, width = sizes[annotation["image_id"]]
        outline = library.frPyObjects(annotation["segmentation"], height, width)
        mask = library.merge(outline) if isinstance(outline, list) else outline
        lines.append("%d %s" % (annotation["id"], mask["counts"].decode()))
        area += int(library.area(mask))
        of_image.setdefault(annotation["image_id"], []).append(mask)
    pairs = [(a, b) for masks in of_image.values() for a, b in zip(masks, masks[1:])]
    result[name] = {
        "masks": len(lines),
        "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
        "area": area,
        "pairs": len(pairs),
        "iou": sum(float(library.iou([a], [b], [0])[0][0]) for a, b in pairs),
        "iouOfCrowds": sum(float(library.iou([a], [b], [1])[0][0]) for a, b in pairs),
    }
header = {"generator": "coco-masks.py", "versions": {"pycocotools": importlib.metadata.version("pycocotools")}}
json.dump({**header, "files": result}, sys.stdout, indent=2)
print()
