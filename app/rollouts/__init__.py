"""Rollouts: flags on their way from 0 to 100 percent, and how those who have them fare. Sits on flags."""
