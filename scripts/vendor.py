"""Copy the style sheets and the typefaces that npm fetched to static/vendor/, where Django and PDFs take them.

The files are copied whole and unchanged, together with their licences; static/vendor/ is not under version
control. Run by `make setup` after `npm install`.
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "node_modules"
TARGET = ROOT / "static" / "vendor"

ARABIC = "@expo-google-fonts/noto-sans-arabic"
FILES = {
    "@digdir/designsystemet-css/dist/src/index.css": "designsystemet/designsystemet.css",
    "@digdir/designsystemet-css/LICENSE": "designsystemet/LICENSE",
    "@digdir/designsystemet-theme/src/themes/designsystemet.css": "designsystemet/theme.css",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter/inter-latin.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter/inter-latin-ext.woff2",
    "@fontsource-variable/inter/LICENSE": "inter/LICENSE",
    # For PDF (safehome/ui/pdf.py): whole typefaces, as PDF takes in no variable ones.
    "@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf": "fonts-pdf/Inter-Regular.ttf",
    "@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf": "fonts-pdf/Inter-SemiBold.ttf",
    "@expo-google-fonts/inter/LICENSE_FONT": "fonts-pdf/Inter-LICENSE",
    f"{ARABIC}/400Regular/NotoSansArabic_400Regular.ttf": "fonts-pdf/NotoSansArabic-Regular.ttf",
    f"{ARABIC}/600SemiBold/NotoSansArabic_600SemiBold.ttf": "fonts-pdf/NotoSansArabic-SemiBold.ttf",
    f"{ARABIC}/LICENSE_FONT": "fonts-pdf/NotoSansArabic-LICENSE",
}


def missing_files() -> list[str]:
    """The files that npm was to fetch and did not."""
    return [source for source in FILES if not (SOURCE / source).is_file()]


def copy_files() -> None:
    """Replace static/vendor/ by fresh copies."""
    shutil.rmtree(TARGET, ignore_errors=True)
    for source, target in FILES.items():
        destination = TARGET / target
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SOURCE / source, destination)


def main() -> int:
    """Copy, or say what is missing and how to get it."""
    if missing := missing_files():
        print("Missing in node_modules (run: npm install --no-package-lock):", *missing, sep="\n  ")
        return 1
    copy_files()
    print(f"Copied {len(FILES)} files to {TARGET.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
