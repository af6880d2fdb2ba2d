// Draws the charts of a page again with ECharts: values under the pointer, a width that follows the page. Without this script
// the drawings of the server stand, and the table beside each chart says the same in any case.
(function () {
  'use strict';
  const address = document.currentScript.dataset.echarts;
  const plots = Array.from(document.querySelectorAll('[data-chart]')).filter(function (plot) {
    return document.getElementById(plot.dataset.chart);
  });
  if (!plots.length || (navigator.connection && navigator.connection.saveData)) return;
  const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  let loading = null;

  function load() {
    loading = loading || new Promise(function (done, failed) {
      const script = document.createElement('script');
      script.src = address;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
    return loading;
  }

  // A canvas keeps the words as it drew them: before their letters have come those of another font.
  function lettered(plot) {
    if (!document.fonts || !document.fonts.load) return Promise.resolve();
    const words = document.getElementById(plot.dataset.chart).textContent;
    const come = document.fonts.load('13px ' + token('--font'), words).catch(function () {});
    return Promise.race([come, new Promise(function (done) { setTimeout(done, 3000); })]);
  }

  function token(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function colour(tone) {
    return token(tone === 5 ? '--red-strong' : '--data-' + tone);
  }

  function options(chart, width) {
    const isLine = chart.kind === 'line';
    const isShare = chart.kind === 'shares';
    const narrow = width < 480;
    const text = { color: token('--ink-2'), fontFamily: token('--font'), fontSize: 13 };
    const names = { type: 'category', data: chart.labels, axisLabel: Object.assign({ margin: 12 }, text), axisTick: { show: false }, axisLine: { lineStyle: { color: token('--line') } } };
    const numbers = { type: 'value', min: chart.low || 0, max: isShare ? 100 : undefined, minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: token('--data-grid') } } };
    const totals = chart.labels.map(function (_, n) {
      return chart.series.reduce(function (sum, series) { return sum + (series.values[n] || 0); }, 0) || 1;
    });
    if (!isLine) {
      names.inverse = true;
      names.axisLine = { show: false };
      names.axisLabel = Object.assign({}, text, { width: narrow ? 112 : 124, overflow: 'break', fontSize: narrow ? 12 : 13, color: token('--ink') });
      numbers.show = false;
    }
    return {
      animation: !still,
      animationDuration: 300,
      textStyle: text,
      grid: isLine ? { left: 8, right: 18, top: 14, bottom: 4, containLabel: true } : { left: 4, right: isShare ? 8 : (chart.notes || []).some(Boolean) ? 110 : 56, top: 4, bottom: 4, containLabel: true },
      tooltip: {
        trigger: isShare ? 'item' : 'axis', renderMode: 'richText', confine: true,
        backgroundColor: token('--ground'), borderColor: token('--line'), textStyle: { color: token('--ink'), fontSize: 14 },
        valueFormatter: function (value) { return value == null ? '—' : value.toLocaleString() + (isShare ? '%' : chart.unit); }
      },
      xAxis: isLine ? Object.assign(names, { boundaryGap: false }) : numbers,
      yAxis: isLine ? numbers : names,
      series: chart.series.map(function (series) {
        const values = isShare ? series.values.map(function (value, n) { return Math.round(1000 * (value || 0) / totals[n]) / 10; }) : series.values;
        const drawn = { name: series.name, data: values, itemStyle: { color: colour(series.tone) }, emphasis: { disabled: true } };
        if (isLine) {
          return Object.assign(drawn, { type: 'line', symbol: 'emptyCircle', symbolSize: 7, lineStyle: { width: 2.5, color: colour(series.tone) } });
        }
        const light = series.tone === 2 || series.tone === 3 || series.tone === 4;
        return Object.assign(drawn, {
          type: 'bar', stack: 'all', barMaxWidth: 20,
          label: {
            show: true, position: isShare ? 'inside' : 'right', rich: { bad: { color: token('--red-strong'), fontWeight: 600, fontSize: 13, padding: [0, 0, 0, 8] } }, color: isShare && !light ? token('--ink-on') : token('--ink'), fontSize: 13,
            formatter: function (point) { 
              if (isShare) return point.value > 9 ? Math.round(point.value) + '%' : '';
              const note = (chart.notes || [])[point.dataIndex];
              return point.value.toLocaleString() + (note ? '{bad|' + note + '}' : '');
             }
          }
        });
      })
    };
  }

  function draw(plot) {
    const chart = JSON.parse(document.getElementById(plot.dataset.chart).textContent);
    const width = plot.clientWidth;
    const height = plot.clientHeight;
    if (!width || !height) return;
    const stage = document.createElement('div');
    stage.className = 'plot-stage';
    stage.style.height = height + 'px';
    stage.setAttribute('aria-hidden', 'true');
    plot.replaceChildren(stage);
    const drawn = window.echarts.init(stage, null, { renderer: 'canvas' });
    drawn.setOption(options(chart, width));
    new ResizeObserver(function () {
      if (!stage.clientWidth) return;
      drawn.resize();
      // Anew and at once: room that was kept for narrower names would cut these off.
      drawn.setOption(Object.assign(options(chart, stage.clientWidth), { animation: false }), true);
    }).observe(stage);
  }

  const seen = new IntersectionObserver(function (entries) {
    entries.filter(function (entry) { return entry.isIntersecting; }).forEach(function (entry) {
      seen.unobserve(entry.target);
      Promise.all([load(), lettered(entry.target)]).then(function () { draw(entry.target); }, function () {});
    });
  }, { rootMargin: '100px' });
  plots.forEach(function (plot) { seen.observe(plot); });
})();
