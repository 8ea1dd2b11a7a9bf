"""Turn panel specifications into Grafana panels."""

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    DataSourceRef,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.spec import GREEN, Level, Look, PanelSpec, Query

AnyPanel = stat.Panel | table.Panel | timeseries.Panel

DATASOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
STAT_SIZE = (4, 4)
GRAPH_SIZE = (8, 8)
TABLE_SIZE = (8, 8)


def build_panel(spec: PanelSpec, panel_id: int) -> AnyPanel:
    """Return the builder of one panel."""
    if spec.look is Look.STAT:
        panel: AnyPanel = _stat(spec)
    elif spec.look is Look.TABLE:
        panel = _table()
    else:
        panel = _graph(spec)
    panel.id(panel_id).title(spec.title).description(spec.description)
    panel.datasource(DATASOURCE).unit(spec.unit).thresholds(_thresholds(spec.levels))
    if spec.decimals is not None:
        panel.decimals(spec.decimals)
    for index, query in enumerate(spec.queries):
        panel.with_target(_target(query, chr(ord("A") + index), spec.look))
    return panel


def _stat(spec: PanelSpec) -> stat.Panel:
    width, height = STAT_SIZE
    return (
        stat.Panel()
        .span(width)
        .height(height)
        .graph_mode(BigValueGraphMode.AREA)
        .color_mode(BigValueColorMode.VALUE)
        .no_value("none")
        .reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def _table() -> table.Panel:
    width, height = TABLE_SIZE
    return (
        table.Panel()
        .span(width)
        .height(height)
        .no_value("0")
        .transformations(
            [DataTransformerConfig("organize", options={"excludeByName": {"Time": True}})]
        )
    )


def _graph(spec: PanelSpec) -> timeseries.Panel:
    width, height = GRAPH_SIZE
    panel = (
        timeseries.Panel()
        .span(width)
        .height(height)
        .line_width(1)
        .legend(
            common_builders.VizLegendOptions()
            .show_legend(True)
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
        )
        .tooltip(
            common_builders.VizTooltipOptions()
            .mode(TooltipDisplayMode.MULTI)
            .sort(SortOrder.DESCENDING)
        )
    )
    if spec.look is Look.STACK:
        panel.fill_opacity(40).stacking(
            common_builders.StackingConfig().mode(StackingMode.NORMAL).group("A")
        )
    if spec.levels != GREEN:
        panel.thresholds_style(
            common_builders.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
        )
    return panel


def _target(query: Query, ref_id: str, look: Look) -> prometheus.Dataquery:
    target = prometheus.Dataquery().expr(query.expr).ref_id(ref_id).datasource(DATASOURCE)
    if query.legend:
        target.legend_format(query.legend)
    if look is Look.TABLE:
        return target.instant().format(PromQueryFormat.TABLE)
    return target.range()


def _thresholds(levels: tuple[Level, ...]) -> ThresholdsConfig:
    steps = [Threshold(value=level.value, color=level.color) for level in levels]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
