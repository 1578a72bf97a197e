"""The obvious Python: json + pickle to SimREC annotation JSON, as a yardstick. usage: convert-refer.py FOLDER OUTPUT"""
import json
import os
import pickle
import resource
import sys

folder, output = sys.argv[1:3]
with open(os.path.join(folder, "instances.json")) as file:
    instances = json.load(file)
with open(os.path.join(folder, "refs(unc).p"), "rb") as file:
    refs = pickle.load(file, encoding="utf-8")
boxes = {annotation["id"]: annotation["bbox"] for annotation in instances["annotations"]}
index = {category["id"]: i for i, category in enumerate(instances["categories"])}
result = {"train": [], "val": [], "testA": [], "testB": []}
for ref in refs:
    record = {"iid": ref["image_id"], "bbox": boxes[ref["ann_id"]], "cat_id": index[ref["category_id"]], "mask_id": ref["ref_id"]}
    sentences = [sentence["sent"] for sentence in ref["sentences"]]
    if ref["split"] == "train":
        result["train"].append({**record, "refs": sentences})
    else:
        result[ref["split"]] += [{**record, "refs": [sentence]} for sentence in sentences]
with open(output, "w") as file:
    json.dump(result, file)
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"cpu": usage.ru_utime + usage.ru_stime, "peakMiB": usage.ru_maxrss / 1024}), file=sys.stderr)
