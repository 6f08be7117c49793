"""The style of the page."""

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f6f6f4; color: #1d1f21; font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 28px 24px 80px; }
h1 { font-size: 27px; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 40px 0 12px; padding-top: 10px; border-top: 1px solid #d9d9d4; }
h3 { font-size: 16px; margin: 0 0 4px; }
h4 { font-size: 14px; margin: 0 0 4px; overflow-wrap: anywhere; }
h4 span { font-weight: normal; color: #5d6166; }
.lead, .facts { color: #5d6166; margin: 2px 0 8px; }
.warning { background: #fff4d6; border-left: 4px solid #e0a100; padding: 8px 12px; }
.wide { overflow-x: auto; } .tall { overflow: auto; max-height: 620px; border: 1px solid #d9d9d4; background: #fff; }
table { border-collapse: collapse; background: #fff; font-variant-numeric: tabular-nums; font-size: 13.5px; }
th, td { padding: 5px 9px; border-bottom: 1px solid #e9e9e5; text-align: right; vertical-align: top; }
th, td { white-space: nowrap; }
thead th { position: sticky; top: 0; background: #ecece8; font-weight: 600; z-index: 1; }
tbody th, .text, thead th:first-child { text-align: left; }
.tall thead th:nth-child(2) { text-align: left; }
td.text { white-space: normal; min-width: 260px; }
td small { display: block; color: #7a7e83; font-size: 11px; }
td.best { font-weight: 700; } td.none, td.refused { color: #a0a4a8; }
.s0 { background: #f7d9d2; } .s1 { background: #f9e6cf; } .s2 { background: #f8f1d3; } .s3 { background: #e4f1d8; }
.s4 { background: #cde8d0; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(430px, 1fr)); gap: 18px; }
figure { margin: 0; background: #fff; border: 1px solid #e2e2dd; padding: 12px; }
figcaption { font-weight: 600; margin-bottom: 4px; } figure svg { width: 100%; height: auto; }
section { background: #fff; border: 1px solid #e2e2dd; padding: 14px 16px; margin: 0 0 14px; scroll-margin-top: 8px; }
section:target { border-color: #0072b2; box-shadow: 0 0 0 2px #0072b233; }
.back { font-size: 12px; font-weight: normal; float: right; }
.question { font-size: 16px; margin: 0 0 6px; overflow-wrap: anywhere; }
pre { background: #f3f3f0; padding: 8px 10px; margin: 0 0 6px; font-size: 13px; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-size: 12.5px; } .parts { margin: 4px 0 8px; padding-left: 18px; }
.images { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 10px; }
article { border: 1px solid #e2e2dd; border-left: 4px solid #b7bbbf; padding: 8px 10px; font-size: 13px; min-width: 0; }
article.yes { border-left-color: #009e73; } article p { margin: 2px 0; overflow-wrap: anywhere; }
article img { width: 100%; height: auto; margin: 2px 0 4px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; } dt { font-weight: 600; } dd { margin: 0; }
a { color: #0a5c9e; }
"""
