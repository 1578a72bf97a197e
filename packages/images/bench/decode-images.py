"""Decodes and letterboxes images with OpenCV on one thread; prints images per second. The yardstick of bench-images.mjs."""
import glob
import sys
import time

import cv2
import numpy

folder, size, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
cv2.setNumThreads(1)
files = sorted(glob.glob(folder + "/*.jpg"))


def letterbox(file):
    image = cv2.cvtColor(cv2.imread(file), cv2.COLOR_BGR2RGB)
    height, width = image.shape[:2]
    aspect = width / height
    new_width, new_height = (int(size * aspect), size) if aspect < 1 else (size, int(size / aspect))
    square = numpy.full((size, size, 3), 127, numpy.uint8)
    top, left = (size - new_height) // 2, (size - new_width) // 2
    square[top : top + new_height, left : left + new_width] = cv2.resize(image, (new_width, new_height))
    return square


start = time.perf_counter()
for index in range(count):
    letterbox(files[index % len(files)])
print(count / (time.perf_counter() - start))
