"""Writes a REFER data set of RefCOCO's size with made-up content: refs(unc).p and instances.json.

usage: python3 make-refer-set.py FOLDER [refs=50000] [images=20000] [annotations=200000]
"""
import json
import os
import pickle
import random
import sys

folder = sys.argv[1]
refs_wanted, images_wanted, annotations_wanted = (list(map(int, sys.argv[2:5])) + [50000, 20000, 200000][len(sys.argv) - 2:])
random.seed(1)
os.makedirs(folder, exist_ok=True)
categories = [i for i in range(1, 91) if i not in (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)]
words = ["word%d" % i for i in range(9000)] + ["left", "right", "man", "woman", "front", "back", "red", "blue"] * 300
images = [
    {"license": 1, "file_name": "COCO_train2014_%012d.jpg" % (i * 29 + 9), "coco_url": "http://example.org/%d" % i,
     "height": 480, "width": 640, "date_captured": "2013-11-14 17:02:52", "id": i * 29 + 9}
    for i in range(images_wanted)
]
annotations = []
for i in range(annotations_wanted):
    x, y = random.uniform(0, 500), random.uniform(0, 380)
    w, h = random.uniform(8, 640 - x), random.uniform(8, 480 - y)
    polygon = []
    for _ in range(random.randint(8, 60)):
        polygon += [round(x + random.random() * w, 2), round(y + random.random() * h, 2)]
    annotations.append({
        "segmentation": [polygon], "area": round(w * h / 2, 4), "iscrowd": 0,
        "image_id": images[i % images_wanted]["id"], "bbox": [round(v, 2) for v in (x, y, w, h)],
        "category_id": random.choice(categories), "id": 1000 + i,
    })
with open(os.path.join(folder, "instances.json"), "w") as file:
    json.dump({"info": {}, "licenses": [], "images": images, "annotations": annotations,
               "categories": [{"id": c, "name": "category%d" % c, "supercategory": "thing"} for c in categories]}, file)

splits = ["train"] * 848 + ["val"] * 76 + ["testA"] * 40 + ["testB"] * 36
split_of = {image["id"]: random.choice(splits) for image in images}
refs, sent_id = [], 0
for ref_id, annotation in enumerate(random.sample(annotations, refs_wanted)):
    sentences = []
    for _ in range(3 if ref_id % 25 < 21 else 2):
        tokens = random.choices(words, k=random.choice([1, 2, 2, 3, 3, 3, 4, 5, 6, 8]))
        text = " ".join(tokens)
        sentences.append({"tokens": tokens, "raw": text.capitalize(), "sent_id": sent_id, "sent": text})
        sent_id += 1
    refs.append({
        "sent_ids": [s["sent_id"] for s in sentences],
        "file_name": "COCO_train2014_%012d_%d.jpg" % (annotation["image_id"], ref_id),
        "ann_id": annotation["id"], "ref_id": ref_id, "image_id": annotation["image_id"],
        "split": split_of[annotation["image_id"]], "sentences": sentences, "category_id": annotation["category_id"],
    })
with open(os.path.join(folder, "refs(unc).p"), "wb") as file:
    pickle.dump(refs, file, 0)
print("%d refs, %d expressions, %d images, %d annotations" % (len(refs), sent_id, len(images), len(annotations)))
