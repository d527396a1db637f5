"""The four stories, act by act. Words are recorded as people here say them, in Chinese; `says` is their gist."""

from embedded.demo.stories.foshan import FOSHAN
from embedded.demo.stories.guangzhou import GUANGZHOU
from embedded.demo.stories.houjie import HOUJIE
from embedded.demo.stories.minhang import MINHANG

STORIES = (FOSHAN, HOUJIE, MINHANG, GUANGZHOU)
