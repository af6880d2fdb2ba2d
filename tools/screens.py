"""Take pictures of the pages from a running demo: ``screens/<page>-<width>-<language>.png``.

It starts a demo of its own in a temporary directory, plays some cases through the API, looks at every page as who it is for,
and stops the demo again.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.support.browser import CHINESE, ENGLISH, Devices, Visitor, chromium  # noqa: E402
from tests.support.pages import PAGES, set_stage  # noqa: E402
from tests.support.scenes import Scenes  # noqa: E402
from tests.support.site import running_site  # noqa: E402

TARGET = ROOT / "screens"
WIDTHS = (390, 1440)
LANGUAGES = {"zh": CHINESE, "en": ENGLISH}


def main() -> int:
    """Take all pictures, or those of the pages named on the command line."""
    wanted = set(sys.argv[1:])
    pages = [page for page in PAGES if (page.name in wanted if wanted else page.has_picture)]
    if not wanted:
        shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(exist_ok=True)
    with running_site(with_past=True) as site, chromium() as browser:
        sys.stdout.write(f"screens: {site.base}\n")
        stage = set_stage(Scenes(site))
        devices = Devices(browser, site.base)
        for short, language in LANGUAGES.items():
            people: dict[str, Visitor] = {}
            for page in pages:
                visitor = people.get(page.who) or devices.new(lang=language)
                if page.who and page.who not in people:
                    visitor.sign_in(page.who)
                people[page.who] = visitor
                visitor.open(page.address(stage))
                for width in WIDTHS:
                    visitor.page.set_viewport_size({"width": width, "height": 900})
                    height = visitor.page.evaluate("document.documentElement.scrollHeight")
                    # As high as the page: what sticks to a window's lower edge stands below, not across the picture.
                    visitor.page.set_viewport_size({"width": width, "height": max(900, height)})
                    visitor.page.screenshot(
                        path=TARGET / f"{page.name}-{width}-{short}.png",
                        full_page=True,
                        animations="disabled",
                    )
                if page.name == "senior":
                    visitor.open("/display/standard/")
        devices.close()
    sys.stdout.write(f"screens: {len(list(TARGET.glob('*.png')))} pictures in {TARGET.relative_to(ROOT)}/\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
